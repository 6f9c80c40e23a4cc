using System.Security.Cryptography;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Checks that an invitation holds together: its records lead from the tavern's id down to the newcomer's key.</summary>
internal static class InvitationCheck
{
    /// <summary>Throws when something does not fit.</summary>
    /// <exception cref="NodeFileException">With what does not fit.</exception>
    public static void Require(Invitation invitation)
    {
        if (FlawOf(invitation) is { } flaw) throw new NodeFileException($"The invitation is not sound: {flaw}. Ask for a new one.");
    }

    /// <summary>Throws when it may not be used any more by somebody who did not use it before.</summary>
    /// <exception cref="NodeFileException">It has expired.</exception>
    public static void RequireInTime(Invitation invitation, DateTimeOffset now)
    {
        if (invitation.Expires is { } expires && expires < now)
            throw new NodeFileException(FormattableString.Invariant(
                $"{invitation.Name}'s invitation expired at {expires:yyyy-MM-dd'T'HH:mm:ss'Z'}; it is {now:yyyy-MM-dd'T'HH:mm:ss'Z'} here. Ask for a new one: tavern spawn NAME --invite FILE."));
    }

    private static string? FlawOf(Invitation invitation)
    {
        if (invitation.SpawnPath.Length < 2) return "it does not say who vouches for the newcomer";
        if (invitation.Seeds.IsEmpty) return "it names nobody to call";
        if (invitation.SpawnPath[0].Hash != invitation.Tavern) return "its first record does not found the tavern that it names";
        AgentId? speaker = null;
        foreach (var record in invitation.SpawnPath)
        {
            if (Voucher.From(record) is not { } voucher) return $"record {record.Id} vouches for nobody";
            if (speaker is { } expected && record.Id.Agent != expected) return $"record {record.Id} was written by another agent than {expected}";
            if (speaker is null && !voucher.PublicKey.Span.SequenceEqual(invitation.RootKey)) return "the root's key is another than its record says";
            speaker = voucher.Agent;
        }

        if (speaker != invitation.Agent) return $"its records vouch for {speaker}, not for the newcomer {invitation.Agent}";
        try
        {
            using var key = EcdsaSigner.FromPem(invitation.PrivateKeyPem);
            if (invitation.Rekeyed is { } record)
            {
                return Rekey.From(record) is { } rekey && rekey.Agent == invitation.Agent && rekey.PublicKey.Span.SequenceEqual(key.PublicKey.Span)
                    ? FlawOfTrail(invitation, rekey)
                    : $"record {record.Id} does not give {invitation.Agent} the key in it";
            }

            return key.Agent == invitation.Agent ? null : $"its key is that of {key.Agent}, not of the newcomer {invitation.Agent}";
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            return "it holds no private key in PEM form";
        }
    }

    /// <summary>One without a trail is sound: then others have to hear of the key first.</summary>
    private static string? FlawOfTrail(Invitation invitation, Rekey rekey)
    {
        if (invitation.KeyTrail.IsEmpty) return null;
        using var verifier = new EcdsaVerifier();
        return KeyTrail.Follow(invitation.Tavern, invitation.KeyTrail, verifier) switch
        {
            TrailFinding.Refused(var reason) => $"what it shows for the new key does not hold, because {reason}",
            TrailFinding.Followed(var trail) when trail.Grants.All(grant => grant.Rekey.Event != rekey.Event) => $"what it shows for the new key is about another than {rekey.Event}",
            _ => null,
        };
    }
}
