using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern migrate</c>: the schema of a data folder's store.</summary>
internal static class MigrateCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var plan = Arg.Flag("--plan", "Only say what would be applied; the default.");
        var apply = Arg.Flag("--apply", "Apply what is missing.");
        var marten = Arg.Flag("--marten", "Also the schema beside the node's that Marten reads; see migrations/README.md.");
        var store = StoreOption.Create();
        store.Description = "Reach the PostgreSQL server in another way than the data folder says, e.g. as a role that may create tables.";
        var command = new CliCommand(
            "migrate", "Show or apply the steps of the store's schema.", "migrate --plan", "migrate --apply", "migrate --apply --data ./jake --store \"Host=db;Database=tavern;Username=admin\"",
            "migrate --apply --marten")
        {
            Options = { plan, apply, marten, store },
            Details = "A node does this at its start, forward only; a step that was applied never changes."
                + "\nWithout --data it is the log of the current tavern, and the first line names its folder. A Search Path in --store must be that log's schema.",
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            if (parse.GetValue(plan) && parse.GetValue(apply)) throw new CliException(ExitCode.Usage, "--plan and --apply contradict each other.", "one of them", "leave one out");
            var (settings, withMarten) = (host.Settings(parse), parse.GetValue(marten));
            var folder = DataFolders.Existing(settings, host.Environment);
            var reached = parse.GetValue(store) is { } typed ? StoreOption.Move(folder, typed) : null;
            var steps = parse.GetValue(apply)
                ? await NodeMigrations.ApplyAsync(folder, reached, withMarten, host.Time, cancellationToken)
                : await NodeMigrations.PlanAsync(folder, reached, withMarten, cancellationToken);
            var text = (reached ?? StoreFile.Find(folder))?.Text ?? Path.Combine(folder, "events.db");
            var isNamed = parse.GetValue(host.Globals.Data) is not null || StoreOption.NamesSchema(parse.GetValue(store));
            var subject = isNamed ? text : $"{text}, the log of {folder},";
            host.Show(settings.Output, new MigrationsAnswer(text, steps.Count(step => step.AppliedAt is null), steps), (terminal, answer) => Show(terminal, answer, subject, withMarten), shown => shown.Steps);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static void Show(Terminal terminal, MigrationsAnswer answer, string subject, bool marten)
    {
        terminal.Line(answer.Pending == 0 ? $"{subject} is up to date." : $"{subject} lacks {answer.Pending} of {answer.Steps.Count} steps.");
        var rows = new Columns();
        foreach (var step in answer.Steps) rows.Add(step.Name, step.AppliedAt is { } at ? $"applied {at}" : "to apply", Styled.Faint(step.Checksum[..16]));
        rows.WriteTo(terminal, "  ");
        if (answer.Pending == 0) return;
        Hints.Write(terminal, marten ? ("tavern migrate --apply --marten", "apply them") : ("tavern migrate --apply", "apply them; the next start of the node does so, too"));
    }
}
