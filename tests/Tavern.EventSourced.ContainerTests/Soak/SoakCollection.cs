namespace Tavern.EventSourced.ContainerTests.Soak;

/// <summary>Runs when nothing else does: what the soak measures is about its own load, and other tests are not slowed down by it.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SoakCollection
{
    public const string Name = "Soak";
}
