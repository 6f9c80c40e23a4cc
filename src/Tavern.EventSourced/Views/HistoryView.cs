using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>A recorded history that was imported.</summary>
/// <param name="Id">The event that says so; its writer stands for the history.</param>
/// <param name="Format">The format of the file.</param>
/// <param name="File">The file's name.</param>
/// <param name="Sha256">SHA-256 of the file.</param>
/// <param name="Events">How many messages or log lines it holds.</param>
public sealed record HistoryView(EventId Id, string Format, string File, Hash Sha256, long Events);
