using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Doors;

namespace Tavern.EventSourced.Cli.Demo;

/// <summary>Where the story is told: chapters, steps that held or did not, and what commands answered. Counts what did not hold.</summary>
internal sealed class Stage(Terminal terminal, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();
    private int _chapter;

    /// <summary>Steps that held.</summary>
    public int Held { get; private set; }

    /// <summary>Steps that did not.</summary>
    public int Failed { get; private set; }

    /// <summary>Since the story began.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    /// <summary>Begins a chapter.</summary>
    public void Chapter(string title, string aside)
    {
        terminal.Line();
        terminal.Line(Styled.Strong($"{++_chapter}  {title}"), Styled.Faint("   " + aside));
    }

    /// <summary>One sentence.</summary>
    public void Say(string sentence) => terminal.Line("   ", sentence);

    /// <summary>Takes a step, and says whether what it promises really came about.</summary>
    /// <param name="promise">What must hold afterwards, as a sentence.</param>
    /// <param name="step">Does it; returns what was found.</param>
    public async Task StepAsync(string promise, Func<Task<Outcome>> step)
    {
        var started = time.GetTimestamp();
        var outcome = await OutcomeOf(step);
        var took = time.GetElapsedTime(started);
        if (outcome.Holds)
        {
            Held++;
            terminal.Line("   ", Styled.Good("✓ "), promise.PadRight(62), Styled.Faint($"  {outcome.Found}{(took.TotalMilliseconds >= 50 ? $", {Ages.Of(took.TotalSeconds)}" : "")}"));
        }
        else
        {
            Failed++;
            terminal.Line("   ", Styled.Bad("✗ "), promise, Styled.Bad($"  did not hold: {outcome.Found}"));
        }
    }

    /// <summary>Shows what a command answers: the same text that the command itself writes.</summary>
    public void Show<TAnswer>(string command, TAnswer answer, Action<Terminal, TAnswer> show)
    {
        terminal.Line();
        terminal.Line("     ", Styled.Faint("$ "), Styled.Command(command));
        using var indented = new IndentedWriter(terminal.Output, "     ");
        show(new Terminal(indented, TextWriter.Null, terminal.Colour, errorColour: false) { ShowsHints = false }, answer);
        terminal.Line();
    }

    private static async Task<Outcome> OutcomeOf(Func<Task<Outcome>> step)
    {
        try
        {
            return await step();
        }
        catch (Exception e) when (e is DoorException or NodeUnreachableException or CliException or TimeoutException)
        {
            return new Outcome(false, e.Message);
        }
    }
}
