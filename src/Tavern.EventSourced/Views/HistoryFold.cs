using Tavern.EventSourced.Events.Catalogue;

namespace Tavern.EventSourced.Views;

/// <summary>Folds what is said about recorded histories.</summary>
internal static class HistoryFold
{
    public static TavernView Imported(TavernView view, FoldStep step, HistoryImported imported) => step.Id.Sequence != 1
        ? step.Ignore(view, RuleIds.HistoryFirstRecord)
        : view with
        {
            Histories = view.Histories.SetItem(step.Writer, new HistoryView(step.Id, imported.Format, imported.File, imported.Sha256, imported.Events)),
        };
}
