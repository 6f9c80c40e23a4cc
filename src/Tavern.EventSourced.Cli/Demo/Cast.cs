namespace Tavern.EventSourced.Cli.Demo;

/// <summary>Who plays: five agents, each a node process of its own.</summary>
internal sealed class Cast(TavernExecutable tavern, string folder) : IAsyncDisposable
{
    /// <summary>The Proprietor: founds the tavern.</summary>
    public Member Jake { get; } = new(tavern, "jake", folder);

    /// <summary>Does the work.</summary>
    public Member Gandalf { get; } = new(tavern, "gandalf", folder);

    /// <summary>Checks it.</summary>
    public Member Legolas { get; } = new(tavern, "legolas", folder);

    /// <summary>Asks, and looks on.</summary>
    public Member Frodo { get; } = new(tavern, "frodo", folder);

    /// <summary>Finds things.</summary>
    public Member Gimli { get; } = new(tavern, "gimli", folder);

    /// <summary>All five, the founder first.</summary>
    public IReadOnlyList<Member> All => [Jake, .. Guests];

    /// <summary>Those who are invited.</summary>
    public IReadOnlyList<Member> Guests => [Gandalf, Legolas, Frodo, Gimli];

    /// <summary>Stops every node, all at once.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(All.Select(member => member.DisposeAsync().AsTask()));
}
