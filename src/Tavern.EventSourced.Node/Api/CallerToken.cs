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

/// <summary>Finds out who calls. Tokens are compared in constant time, all of them always.</summary>
internal sealed class CallerToken(TokenFolder tokens, Func<IReadOnlyList<AgentId>> hosted)
{
    private const string Scheme = "Bearer ";

    /// <summary>Makes the tokens of this node's agents that are missing.</summary>
    public void EnsureAll()
    {
        tokens.EnsureRead();
        foreach (var agent in hosted()) tokens.EnsureWrite(agent);
    }

    /// <summary>The caller that an Authorization header proves; null when it proves none.</summary>
    public Caller? Find(string? authorization)
    {
        if (authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var shown = Encoding.UTF8.GetBytes(authorization[Scheme.Length..].Trim());
        Caller? caller = IsSame(shown, tokens.EnsureRead()) ? new Caller.Reader() : null;
        foreach (var agent in hosted())
            if (IsSame(shown, tokens.EnsureWrite(agent))) caller = new Caller.Writer(agent);
        return caller;
    }

    private static bool IsSame(ReadOnlySpan<byte> shown, string token) => CryptographicOperations.FixedTimeEquals(shown, Encoding.ASCII.GetBytes(token));
}
