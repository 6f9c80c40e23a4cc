using MediatR;
using Tavern.EventSourced.Histories;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>An agent imports recorded histories, all or none. A file that is there already, by its SHA-256, is left alone.</summary>
/// <param name="Agent">Who imports them, and vouches for the agents that stand for them.</param>
/// <param name="Format"><c>who-and-when</c> or <c>shiviz</c>.</param>
/// <param name="Files">1 to 500; together at most 32 MiB.</param>
public sealed record ImportHistories(string Agent, string Format, IReadOnlyList<HistoryFile> Files) : IRequest<ImportedAnswer>, IWrite
{
    /// <summary>As <see cref="HistorySource.Pattern"/>.</summary>
    public string? Pattern { get; init; }

    /// <summary>As <see cref="HistorySource.AllowUnmatched"/>.</summary>
    public bool AllowUnmatched { get; init; }

    /// <summary>Import files once more although they are there, under other names. False by default.</summary>
    public bool Again { get; init; }

    /// <summary>Put each history's name in front of its agents' names even if none is taken. False by default, for several files always.</summary>
    public bool Prefixed { get; init; }
}

/// <summary>A file with a recorded history.</summary>
/// <param name="Name">Its name, without a folder.</param>
/// <param name="Content">Its bytes; base64 in JSON.</param>
public sealed record HistoryFile(string Name, byte[] Content);

/// <summary>What became of the files.</summary>
/// <param name="Importer">Who imported them.</param>
/// <param name="Histories">One per file, in the order asked.</param>
public sealed record ImportedAnswer(AgentRef Importer, IReadOnlyList<ImportedHistory> Histories) : Answer;

/// <summary>A recorded history that is in the tavern.</summary>
/// <param name="Historian">The agent that stands for the file.</param>
/// <param name="Event">The event that says what was imported.</param>
/// <param name="File">The file's name.</param>
/// <param name="Format">Its format.</param>
/// <param name="Sha256">SHA-256 of its bytes, 64 hexadecimal digits.</param>
/// <param name="AlreadyThere">True when it had been imported before and nothing was done now.</param>
/// <param name="Events">How many messages or log lines it holds.</param>
/// <param name="Agents">Its agents, in the order in which they appear in the file.</param>
/// <param name="Last">Its last event: one that no other of it is deeper than.</param>
/// <param name="Mistake">The event that the file itself names as the decisive mistake; null when it names none.</param>
/// <param name="UnmatchedLines">Lines that were left out, from 1.</param>
/// <param name="DatesAsText">How many dates are not a time beyond doubt: without a zone, or of another form. They are kept as text.</param>
/// <param name="MistakeDoubt">Why what the file says about the mistake does not fit its messages, e.g. that the step is another agent's; null when it does.</param>
public sealed record ImportedHistory(
    AgentRef Historian,
    EventRef Event,
    string File,
    string Format,
    string Sha256,
    bool AlreadyThere,
    long Events,
    IReadOnlyList<RecordedLine> Agents,
    EventRef Last,
    EventRef? Mistake,
    IReadOnlyList<int> UnmatchedLines,
    int DatesAsText,
    string? MistakeDoubt);

/// <summary>One agent of a recorded history.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Recorded">Its name as the file writes it.</param>
/// <param name="Events">How many events it has.</param>
public sealed record RecordedLine(AgentRef Agent, string Recorded, long Events);

internal sealed class ImportHistoriesHandler(Observers observers) : IRequestHandler<ImportHistories, ImportedAnswer>
{
    public async Task<ImportedAnswer> Handle(ImportHistories request, CancellationToken cancellationToken)
    {
        var histories = HistoryFiles.Read(request);
        var importer = await observers.ReadAsync(
            request.Agent,
            witness =>
            {
                WriteRules.RequireActive(witness);
                return witness.Observer;
            },
            cancellationToken);
        var making = new HistoryMaking(histories, request);
        await observers.Node.ImportAsync(importer, token => observers.ReadAsync(importer, making.Make, token), cancellationToken);
        return await observers.ReadAsync(
            importer,
            witness => new ImportedAnswer(witness.Of(importer), [.. making.Outcomes.Select(one => ImportedHistories.Describe(witness, one))]),
            CancellationToken.None);
    }
}
