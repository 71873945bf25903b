namespace Inkling.Tests.Cli;

public sealed class WrongUsageTests
{
    [Theory]
    [InlineData("foo", "Unrecognized command or argument 'foo'; see inkling --help")]
    [InlineData("trian x", "there is no command trian; did you mean train?")]
    [InlineData("bench trian", "there is no command trian; did you mean train?")]
    [InlineData("train x --bogus 3", "there is no option --bogus; see inkling train --help")]
    [InlineData("train --bogus", "there is no option --bogus; see inkling train --help")]
    [InlineData("train x --stpes 3", "there is no option --stpes; did you mean --steps?")]
    [InlineData("train x --learn 3", "there is no option --learn; did you mean --learning-rate?")]
    [InlineData("generate x --temperatur 3", "there is no option --temperatur; did you mean --temperature?")]
    [InlineData("doctor --hlep", "there is no option --hlep; did you mean --help?")]
    [InlineData("train x y", "Unrecognized command or argument 'y'; see inkling train --help")]
    [InlineData("report", "Required argument 'folder' missing for command: 'report'; see inkling report --help")]
    [InlineData("train x --steps", "Required argument missing for option: '--steps'; see inkling train --help")]
    [InlineData("train x --steps abc", "--steps is 'abc'; it must be a whole number, such as 8")]
    [InlineData("train x --learning-rate abc", "--learning-rate is 'abc'; it must be a number, such as 0.5")]
    [InlineData("train x --learning-rate 1,5", "--learning-rate is '1,5'; it must be a number, such as 0.5")]
    [InlineData("train x --seed -1", "--seed is '-1'; it must be a whole number from 0 to 18446744073709551615")]
    [InlineData("train x --recompute maybe", "Unrecognized command or argument 'maybe'; see inkling train --help")]
    [InlineData("train x --activation 3", "--activation is '3'; choose none, relu, relu-squared, gelu, gelu-tanh, silu, swiglu, geglu")]
    [InlineData("train x --steps 0", "--steps is 0; it must be 1 to 1000000000.")]
    [InlineData("train x --preset foo", "there is no preset 'foo'; choose scenes, nano, baby, lecture, post-norm, gpt2, gpt2-medium, gpt2-large, gpt2-xl")]
    [InlineData("train x --head-count 5", "--head-count 5 does not divide --width 128; choose a divisor, or give --head-size.")]
    [InlineData("train x --width 10000000", "--width is 10000000; it must be 1 to 1048576.")]
    [InlineData("train x --dropout 1", "--embedding-dropout is 1; it must be at least 0 and below 1.")]
    [InlineData("train x --learning-rate 0.001 --minimum-learning-rate 1", "--minimum-learning-rate is 1; it must be 0 to --learning-rate (0.001).")]
    [InlineData("train x --precision half", "--precision is 'half'; choose float32, bfloat16, auto")]
    [InlineData("evaluate x --precision half", "--precision is 'half'; choose float32, bfloat16, auto")]
    [InlineData("train x --tokenizer bpe:many", "--tokenizer is 'bpe:many'; its size must be a whole number, such as bpe:8192")]
    [InlineData("train x --tokenizer bpe:7", "the size in --tokenizer is 7; it must be 257 (256 bytes and 1 special tokens) to 10000000.")]
    [InlineData("train x --tokenizer words", "--tokenizer is 'words'; it must be char, byte, bpe:SIZE, unigram:SIZE, or a tokenizer's path")]
    [InlineData("train --resume --out y --tokenizer char", "a run that is resumed has its tokenizer; leave --tokenizer out")]
    [InlineData("train --scene-characters foo", "--scene-characters is 'foo'; it must be a whole number, 1 to 1000000000")]
    [InlineData("explain --example --prompt x", "--example has its own words; leave --prompt out")]
    [InlineData("train x --threads 1000", "--threads is '1000'; it must be a whole number, 0 to 256")]
    [InlineData("train x --sample-tokens -1", "--sample-tokens is '-1'; it must be a whole number, 0 or more")]
    [InlineData("train x --instruction-set avx", "--instruction-set is 'avx'; choose automatic, vector128, vector256, vector512")]
    [InlineData("train --resume", "resume which run? give its folder with --out")]
    [InlineData("train --resume --from x --out y", "--from begins another run and --resume goes on with one; leave one of them out")]
    [InlineData("train --from x", "go on with x on what? give a text file, or the length of our own scenes with --scene-characters")]
    [InlineData("train x --patience -1", "--patience is -1; it must be 0 to 1000000000.")]
    [InlineData("generate", "Required argument 'folder' missing for command: 'generate'; see inkling generate --help")]
    [InlineData("generate x foo", "'foo' is one argument too many; a prompt comes after --prompt or --prompt-file, or from standard input with -")]
    [InlineData("generate x - --prompt y", "give one prompt: --prompt, --prompt-file or -")]
    [InlineData("generate x -", "the prompt is empty; give at least one character")]
    [InlineData("generate x --tokens -3", "--token-count is -3; it must be 0 or more.")]
    [InlineData("generate x --top-p 2", "--top-p is 2; it must be 0 to 1.")]
    [InlineData("generate x --min-p 2", "--min-p is 2; it must be 0 to 1.")]
    [InlineData("generate x --repetition-penalty 0", "--repetition-penalty is 0; it must be a positive number.")]
    [InlineData("generate x --presence-penalty NaN", "--presence-penalty is NaN; it must be a number, such as 0.5.")]
    [InlineData("generate x --frequency-penalty Infinity", "--frequency-penalty is Infinity; it must be a number, such as 0.5.")]
    [InlineData("generate x --count 0", "--count is '0'; it must be a whole number, 1 or more")]
    [InlineData("generate x --count 1e3", "--count is '1e3'; it must be a whole number, 1 or more")]
    [InlineData("generate x --count 2 --sequence 2147483647", "--sequence 2147483647 and --count 2 lead past 2147483647; begin lower")]
    [InlineData("generate x --logprobs -1", "--logprobs is '-1'; it must be a whole number, 0 or more")]
    [InlineData("generate x --logprobs", "Required argument missing for option: '--logprobs'; see inkling generate --help")]
    [InlineData("generate x --stop", "Required argument missing for option: '--stop'; see inkling generate --help")]
    [InlineData("generate x --window half", "--window is 'half'; choose keep-half, exact")]
    [InlineData("evaluate x --part most", "--part is 'most'; choose validation, all")]
    [InlineData("explain", "explain what? give either a model folder or --example")]
    [InlineData("explain x --example", "explain what? give either a model folder or --example")]
    [InlineData("explain x - --prompt y", "give one prompt: --prompt, --prompt-file or -")]
    [InlineData("explain x --prompt a --last -1", "--last is '-1'; it must be a whole number, 1 or more")]
    [InlineData("explain x --prompt a --tokens 3", "there is no option --tokens; see inkling explain --help")]
    [InlineData("explain x --layer abc", "--layer is 'abc'; it must be a whole number, 0 or more")]
    [InlineData("info", "give either a model folder or --preset")]
    [InlineData("info x --preset nano", "give either a model folder or --preset")]
    [InlineData("bench", "bench what? choose peaks, products, train, scaling, tokenizer")]
    [InlineData("bench train --steps 0", "--steps is '0'; it must be a whole number, 1 or more")]
    public void Wrong_usage_is_one_line_and_exits_2(string arguments, string message)
    {
        var result = InklingCommand.Run(arguments.Split(' '));

        Assert.Equal((2, "", $"inkling: {message}\n"), (result.ExitCode, result.Output, result.Error));
    }

    [Theory]
    [InlineData("<corpus>", "train", "")]
    [InlineData("--out", "train", "x", "--out", "")]
    [InlineData("--from", "train", "x", "--from", "")]
    [InlineData("--config", "train", "x", "--config", "")]
    [InlineData("<folder>", "generate", "")]
    [InlineData("--prompt-file", "generate", "x", "--prompt-file", "")]
    [InlineData("--stop", "generate", "x", "--stop", "a", "--stop", "")]
    [InlineData("<corpus>", "evaluate", "x", "")]
    [InlineData("<folder>", "explain", "")]
    [InlineData("<folder>", "info", "")]
    public void What_an_unset_variable_leaves_is_refused(string name, params string[] arguments)
    {
        var result = InklingCommand.Run(arguments);

        Assert.Equal((2, "", $"inkling: {name} is empty; see inkling {arguments[0]} --help\n"), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public void The_command_alone_says_how_to_begin()
    {
        var result = InklingCommand.Run();

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("To begin:\n  inkling train  ", result.Output, StringComparison.Ordinal);
        Assert.Contains("All commands: train, generate, evaluate, verify, report, explain, tokenizer, info, doctor, bench\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_that_only_looks_like_an_option_may_be_the_value_of_one()
    {
        var result = InklingCommand.Run("generate", "no-such-folder", "--prompt", "--temperatur");

        Assert.Equal((1, "inkling: no-such-folder: there is no such folder\n"), (result.ExitCode, result.Error));
    }
}
