using Tavern.EventSourced.Stores.Checking;
using Tavern.EventSourced.Stores.Sqlite.Checking;

namespace Tavern.EventSourced.Node.Checking;

/// <summary>Checks rows as they pass by, wherever they come from, and says how far it is.</summary>
/// <param name="check">The rules.</param>
/// <param name="step">What is done, for people.</param>
/// <param name="total">How many events there are; 0 when that is not known.</param>
/// <param name="progress">Hears how far it is.</param>
internal sealed class RowsCheck(StoreCheck check, string step, long total, Action<CheckProgress> progress)
{
    private const int ProgressEvery = 512;

    /// <summary>Takes the next row.</summary>
    public void Add(StoredRow row)
    {
        check.Add(row);
        if (check.Events % ProgressEvery == 0) progress(new CheckProgress(step, check.Events, total));
    }
}
