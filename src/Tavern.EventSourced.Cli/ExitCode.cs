namespace Tavern.EventSourced.Cli;

/// <summary>What a command tells the shell. Scripts branch on these numbers: they never change meaning.</summary>
internal enum ExitCode
{
    /// <summary>Done, or the answer is yes.</summary>
    Ok = 0,

    /// <summary>The answer is no: they differ, a step of the demo did not hold.</summary>
    Negative = 1,

    /// <summary>The command line cannot be understood, or lacks something.</summary>
    Usage = 2,

    /// <summary>No such agent, event, folder or file.</summary>
    NotFound = 3,

    /// <summary>It contradicts what is there, or a cut is not closed under causes.</summary>
    Conflict = 4,

    /// <summary>Not within the time allowed.</summary>
    TimedOut = 5,

    /// <summary>What is stored does not verify.</summary>
    VerificationFailed = 6,

    /// <summary>No node answers.</summary>
    Unreachable = 7,

    /// <summary>A node answered, and refused.</summary>
    Denied = 8,

    /// <summary>A fault of tavern itself; EX_SOFTWARE of sysexits.h.</summary>
    Fault = 70,

    /// <summary>Ended by Ctrl-C.</summary>
    Interrupted = 130,

    /// <summary>Ended by SIGTERM or SIGHUP.</summary>
    Terminated = 143,
}
