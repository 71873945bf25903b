using Inkling.Formats;
using Inkling.Text;
using Inkling.Text.Learning;

using var text = File.OpenRead("mytext.txt");
var trained = new BytePairTrainer(new BytePairTrainingOptions { VocabularySize = 300 }).Train(text);
TokenizerFiles.Save("tokenizers/mytext", trained.Tokenizer);

var tokenizer = TokenizerFiles.Load("tokenizers/mytext");
int[] ids = tokenizer.Encode("the ink<|endoftext|>", SpecialTokenUse.Recognize);
Console.WriteLine(string.Join(' ', ids));
Console.WriteLine(tokenizer.Decode(ids));
foreach (var span in tokenizer.EncodeWithOffsets("the ink"u8))
    Console.WriteLine($"{span.Id}: bytes {span.Start} to {span.Start + span.Length}");
