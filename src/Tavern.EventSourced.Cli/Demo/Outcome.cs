namespace Tavern.EventSourced.Cli.Demo;

/// <summary>What became of a step.</summary>
/// <param name="Holds">True when what it promised came about.</param>
/// <param name="Found">What was found, in a few words.</param>
internal readonly record struct Outcome(bool Holds, string Found);
