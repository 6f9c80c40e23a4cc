using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Doors;

namespace Tavern.EventSourced.Node.Api;

/// <summary>What a caller may do, by the token it showed.</summary>
internal abstract record Caller
{
    private Caller()
    {
    }

    /// <summary>May read.</summary>
    public sealed record Reader : Caller;

    /// <summary>May read, and write as one agent.</summary>
    public sealed record Writer(AgentId Agent) : Caller;
}

/// <summary>Finds out who calls. Tokens are read once, and compared in constant time, all of them always.</summary>
internal sealed class CallerToken(TokenFolder tokens, Func<IReadOnlyList<AgentId>> hosted)
{
    private const string Scheme = "Bearer ";

    private readonly ConcurrentDictionary<AgentId, string> _write = [];
    private string? _read;

    /// <summary>Makes the tokens of this node's agents that are missing.</summary>
    public void EnsureAll()
    {
        _read ??= tokens.EnsureRead();
        foreach (var agent in hosted()) _write.GetOrAdd(agent, tokens.EnsureWrite);
    }

    /// <summary>The caller that an Authorization header proves; null when it proves none.</summary>
    public Caller? Find(string? authorization)
    {
        if (authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var shown = Encoding.UTF8.GetBytes(authorization[Scheme.Length..].Trim());
        Caller? caller = _read is not null && IsSame(shown, _read) ? new Caller.Reader() : null;
        foreach (var (agent, token) in _write)
            if (IsSame(shown, token)) caller = new Caller.Writer(agent);
        return caller;
    }

    private static bool IsSame(ReadOnlySpan<byte> shown, string token) =>
        CryptographicOperations.FixedTimeEquals(shown, Encoding.ASCII.GetBytes(token));
}
