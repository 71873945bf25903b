using Inkling.Cli;

return CommandLine.Run(args, Streams.OfProcess());
