using Microsoft.AspNetCore.Connections;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>A listener cannot have its port: another program listens there.</summary>
/// <param name="listener">What wanted to listen: <c>gossip</c> or <c>API</c>.</param>
/// <param name="address">Where.</param>
/// <param name="inner">What the system said.</param>
public sealed class AddressTakenException(string listener, Uri address, Exception inner)
    : IOException($"The {listener} listener cannot have {address.Host}:{address.Port}: another program listens there. Name another port, or none for any free one.", inner)
{
    /// <summary>What wanted to listen: <c>gossip</c> or <c>API</c>.</summary>
    public string Listener { get; } = listener;

    /// <summary>Where.</summary>
    public Uri Address { get; } = address;

    /// <summary>True when that is what a failed start of a server means.</summary>
    internal static bool IsMeantBy(IOException failure) => failure.InnerException is AddressInUseException;
}
