namespace Tavern.EventSourced.Cli.Demo;

/// <summary>Sees the end of the <c>dotnet run</c> that started this process: killed, it would leave the demo behind. Any other parent may
/// go; that is what nohup and shells in the background count on. Linux only, where a process can be read about.</summary>
internal static class ParentWatch
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1); // soon enough for a person, and next to nothing for the machine

    /// <summary>Completes when that parent is gone; never, when there is none.</summary>
    public static async Task UntilGoneAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var parent = ParentOfThis();
        if (parent is not { } number || !IsDotnetRun(number))
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
            return;
        }

        using var timer = new PeriodicTimer(LookInterval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
            if (ParentOfThis() != number) return;
    }

    // proc(5): the fourth field, counted after the command's name, which may hold spaces and brackets.
    private static int? ParentOfThis()
    {
        if (!OperatingSystem.IsLinux()) return null;
        var stat = File.ReadAllText("/proc/self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return int.Parse(fields[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static bool IsDotnetRun(int process)
    {
        try
        {
            var words = File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
            return words.Length > 1 && Path.GetFileName(words[0]) is "dotnet" && words.Contains("run");
        }
        catch (IOException)
        {
            return false; // it ended just now, or belongs to somebody else
        }
    }
}
