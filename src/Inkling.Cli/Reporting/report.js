// Values under the pointer, and a slider through the samples. The page says everything without it.
(() => {
  const show = value => String(+value.toPrecision(5));

  for (const svg of document.querySelectorAll('.area svg')) {
    const steps = +svg.dataset.steps, low = +svg.dataset.low, high = +svg.dataset.high;
    const curves = Array.from(svg.querySelectorAll('path.curve:not(.ring):not(.dashes)'), path => ({
      name: path.dataset.name,
      points: Array.from(path.getAttribute('d').matchAll(/[ML]([-\d.]+) ([-\d.]+)/g), place => ({
        step: place[1] / 1000 * steps, value: high - place[2] / 1000 * (high - low)
      }))
    }));
    const area = svg.parentNode, line = document.createElement('div'), tip = document.createElement('div');
    line.className = 'cursor';
    tip.className = 'tip';
    area.addEventListener('pointermove', event => {
      const box = area.getBoundingClientRect(), share = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
      const nearest = points => points.reduce((a, b) => Math.abs(a.step - share * steps) > Math.abs(b.step - share * steps) ? b : a);
      const here = curves.map(curve => ({ name: curve.name, point: nearest(curve.points) }))
        .filter(curve => steps / 40 > Math.abs(curve.point.step - share * steps));
      tip.textContent = 'step ' + Math.round(share * steps).toLocaleString('en')
        + here.map(curve => '\n' + (curve.name ? curve.name + ' ' : '') + show(curve.point.value)).join('');
      line.style.left = 100 * share + '%';
      tip.style.left = share > 0.5 ? 'auto' : 'calc(' + 100 * share + '% + 8px)';
      tip.style.right = share > 0.5 ? 'calc(' + 100 * (1 - share) + '% + 8px)' : 'auto';
      area.append(line, tip);
    });
    area.addEventListener('pointerleave', () => { line.remove(); tip.remove(); });
  }

  const samples = Array.from(document.querySelectorAll('details.of-step'));
  if (samples.length > 1) {
    const slider = document.createElement('div'), range = document.createElement('input'), label = document.createElement('label');
    slider.className = 'slider';
    range.id = 'sample';
    range.type = 'range';
    range.max = samples.length - 1;
    range.value = samples.length - 1;
    label.htmlFor = 'sample';
    label.textContent = 'Move to watch it learn';
    const choose = () => samples.forEach((sample, index) => { sample.open = sample.hidden = false; sample.open = index === +range.value; sample.hidden = !sample.open; });
    range.addEventListener('input', choose);
    slider.append(label, range);
    samples[0].before(slider);
    choose();
  }
})();
