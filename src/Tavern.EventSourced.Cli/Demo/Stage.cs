using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Cli.Demo;

/// <summary>Where the story is told: chapters, steps that held or did not, and what commands answered. Counts what did not hold.</summary>
internal sealed class Stage(Terminal terminal, TimeProvider time, CancellationToken cancellationToken)
{
    private const int PromiseChars = 68; // the longest promise told; what was found lines up after it

    private readonly long _started = time.GetTimestamp();
    private int _chapter;
    private bool _gap;

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
        _gap = false;
    }

    /// <summary>Takes a step, and says whether what it promises really came about.</summary>
    /// <param name="promise">What must hold afterwards, as a sentence.</param>
    /// <param name="step">Does it; returns what was found.</param>
    /// <remarks>A refusal, a silent node, a file in the way are outcomes too: the story says so and goes on.</remarks>
    public async Task StepAsync(string promise, Func<Task<Outcome>> step)
    {
        var started = time.GetTimestamp();
        var outcome = await OutcomeOf(step);
        cancellationToken.ThrowIfCancellationRequested(); // Ctrl-C reaches the nodes too: that they are silent then says nothing
        var took = time.GetElapsedTime(started);
        if (_gap) terminal.Line();
        _gap = false;
        if (outcome.Holds)
        {
            Held++;
            terminal.Line("   ", Styled.Good("✓ "), promise.PadRight(PromiseChars), Styled.Faint($"  {outcome.Found}{(took.TotalMilliseconds >= 50 ? $", {Ages.Of(took.TotalSeconds)}" : "")}"));
        }
        else
        {
            Failed++;
            terminal.Line("   ", Styled.Bad("✗ "), promise, Styled.Bad($"  did not hold: {outcome.Found}"));
        }
    }

    /// <summary>Shows what a command answers: the same text that the command itself writes.</summary>
    /// <param name="where">At whose node it is typed.</param>
    /// <param name="command">As typed.</param>
    /// <param name="answer">What that node answered.</param>
    /// <param name="show">Writes it.</param>
    public void Show<TAnswer>(string where, string command, TAnswer answer, Action<Terminal, TAnswer> show)
    {
        terminal.Line();
        terminal.Line("     ", Styled.Faint(where + "$ "), Styled.Command(command));
        show(terminal.Indented("     "), answer);
        _gap = true;
    }

    private static async Task<Outcome> OutcomeOf(Func<Task<Outcome>> step)
    {
        try
        {
            return await step();
        }
        catch (Exception e) when (e is DoorException or NodeUnreachableException or CliException or NodeFileException)
        {
            return new Outcome(false, e.Message);
        }
    }
}
