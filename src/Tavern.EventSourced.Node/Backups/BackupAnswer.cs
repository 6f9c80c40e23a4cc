using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Backups;

/// <summary>A backup: one that was made, or one that was checked. Every checksum holds, and every rule that a store is checked by.</summary>
/// <param name="File">The file.</param>
/// <param name="Checksum">SHA-256 of it up to the checksum itself, which are its last 32 bytes.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="TavernName">The tavern's name.</param>
/// <param name="Tavern">Its id.</param>
/// <param name="Hosted">Names of the agents whose logs it holds.</param>
/// <param name="MadeAt">When the snapshot was taken.</param>
/// <param name="Store">The kind of store it was taken of: <c>sqlite</c> or <c>postgres</c>.</param>
/// <param name="Events">How many events it holds.</param>
/// <param name="Chains">How many chains they belong to.</param>
/// <param name="Keys">Whether it holds private keys.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record BackupAnswer(
    string File, string Checksum, long Bytes, string TavernName, string Tavern, IReadOnlyList<string> Hosted, DateTimeOffset MadeAt, string Store, long Events, int Chains,
    bool Keys, double Seconds) : Answer;
