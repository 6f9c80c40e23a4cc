using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Views.Rules;

internal static class ViewAssertions
{
    /// <summary>The event was left out under the rule, and people can see that.</summary>
    public static void Ignores(this TavernView view, EventId id, string rule)
    {
        Assert.Equal(rule, Assert.Single(view.Ignored.Items, ignored => ignored.Event == id).Rule);
        Assert.True(view.IgnoredByRule[rule] > 0);
    }

    /// <summary>The field has this value by this event under this rule.</summary>
    public static void Says<T>(this Field<T>? field, T value, EventId by, string rule, bool contested = false)
    {
        Assert.NotNull(field);
        Assert.Equal((value, by, rule, contested), (field.Value, field.DecidedBy, field.Rule, field.Contested));
        Assert.Equal(by, field.Candidates[0].Event);
    }
}
