Console.Error.WriteLine("inkling: no verbs yet");
return 2;
