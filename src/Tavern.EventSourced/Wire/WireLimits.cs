using Tavern.EventSourced.Events;

namespace Tavern.EventSourced.Wire;

/// <summary>How much of anything one message may hold. More means a broken or hostile peer; the message is refused.</summary>
public static class WireLimits
{
    /// <summary>Entries in one list of clock claims: four pages of the default size.</summary>
    public const int ClaimsMax = 8_192;

    /// <summary>Ranges asked for in one message: one per claim that can arrive.</summary>
    public const int WantsMax = 8_192;

    /// <summary>Rumours in one message: several times what this version tells at once.</summary>
    public const int RumoursMax = 64;

    /// <summary>Segments in one frame: a frame full of the smallest, about 170 bytes each.</summary>
    public const int SegmentsMax = 8_192;

    /// <summary>Records in one segment: a segment full of the smallest, about 100 bytes each, has fewer.</summary>
    public const int RecordsMax = 1_024;

    /// <summary>Protobuf messages within one message, at any depth. An honest entry has 20 bytes or more, a hostile one 2: without
    /// this bound, reading one message could allocate thirty times its size.</summary>
    public const int NestedMax = 32_768;

    /// <summary>Largest segment of more than one record, in bytes of headers and payloads.</summary>
    public const int SegmentBytesMax = EventLimits.SegmentBytesMax;

    /// <summary>Longest signature, in bytes: ECDSA P-256 has 64; the rest is room for its successor.</summary>
    public const int SignatureBytesMax = 256;

    /// <summary>Highest hop count. Each agent delivers an event once, so a path is no longer than the tavern is large.
    /// More is read as this and refuses nothing.</summary>
    public const int HopMax = 65_535;

    /// <summary>Longest text of a refusal, in characters; more is cut off.</summary>
    public const int DetailCharsMax = 1_024;

    /// <summary>Agents that one node may prove on a connection: more than any node is known to host, and their signatures are checked only
    /// as they are used.</summary>
    public const int ProofAgentsMax = 1_024;

    /// <summary>Largest proof message, in bytes: about 190 for each agent.</summary>
    public const int ProofBytesMax = 256 * 1024;

    /// <summary>Excerpts that one proof may show for newer keys: five for an agent whose parent is the root and both of whose keys are new, two
    /// more for each agent in between.</summary>
    public const int TrailExcerptsMax = 128;

    /// <summary>Bytes of all excerpts in a proof: some 40 agents with newer keys. What is left of <see cref="ProofBytesMax"/> beside
    /// <see cref="ProofAgentsMax"/> agents, so that nodes which know no excerpts take the proof, too.</summary>
    public const int TrailBytesMax = 64 * 1024;

    /// <summary>Longest public key in a proof, in bytes: P-256 has 91; the rest is room for its successor.</summary>
    public const int ProofKeyBytesMax = 256;
}
