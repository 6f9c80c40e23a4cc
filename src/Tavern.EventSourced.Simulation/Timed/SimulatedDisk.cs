using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Simulation.Timed;

/// <summary>A node's disk: the commits that were completed, and nothing else. A commit takes time; while it is under way its node may
/// die, and then it is there whole or not at all, as a transaction is.</summary>
public sealed class SimulatedDisk
{
    private readonly List<StoreBatch> _commits;

    internal SimulatedDisk(IEnumerable<StoreBatch> commits) => _commits = [.. commits];

    /// <summary>Number of commits completed.</summary>
    public int Commits => _commits.Count;

    /// <summary>Time that a commit takes. Default 4 ms: a sync of a solid-state disk.</summary>
    public TimeSpan CommitTime { get; set; } = TimeSpan.FromMilliseconds(4);

    /// <summary>True while it has no room: commits wait until it has.</summary>
    public bool IsFull { get; set; }

    /// <summary>Which file the log is in; another one once it was made anew or a copy was put in its place.</summary>
    public int File { get; private set; } = 1;

    /// <summary>True when the log is gone and nothing was written since.</summary>
    public bool IsGone { get; private set; }

    /// <summary>The commits, oldest first.</summary>
    internal IReadOnlyList<StoreBatch> Batches => _commits;

    /// <summary>All is gone.</summary>
    public void Wipe()
    {
        _commits.Clear();
        (IsGone, File) = (true, File + 1);
    }

    /// <summary>An older copy is put back: the last commits are gone.</summary>
    /// <param name="commits">How many are left.</param>
    /// <param name="inPlace">True when the whole disk was put back, so that the log is in the same file as before. Default false.</param>
    public void RollBack(int commits, bool inPlace = false)
    {
        _commits.RemoveRange(commits, _commits.Count - commits);
        if (!inPlace) File++;
    }

    /// <summary>Another disk that holds the same.</summary>
    public SimulatedDisk Clone() => new(_commits) { CommitTime = CommitTime, File = File };

    /// <summary>A commit is completed.</summary>
    internal void Complete(StoreBatch batch)
    {
        _commits.Add(batch);
        IsGone = false;
    }

    /// <summary>An agent's log.</summary>
    internal IEnumerable<Run> RunsOf(AgentId holder) => _commits.SelectMany(batch => batch.Runs).Where(run => run.Holder == holder);

    /// <summary>An agent's receipts, the last of each number.</summary>
    internal IEnumerable<Receipt> ReceiptsOf(AgentId holder)
    {
        var byNumber = new SortedDictionary<long, Receipt>();
        foreach (var receipt in _commits.SelectMany(batch => batch.Receipts))
            if (receipt.Holder == holder) byNumber[receipt.Number] = receipt;
        return byNumber.Values;
    }
}
