using System.Runtime.InteropServices;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Turns Ctrl-C, SIGTERM and SIGHUP into a cancellation, once; a second signal ends the process at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private PosixSignalRegistration[] _registrations = [];
    private PosixSignal? _signal;

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>True after Ctrl-C.</summary>
    public bool ByKeyboard => _signal is PosixSignal.SIGINT;

    /// <summary>What the shell gets when a command was ended by a signal: 128 and the signal's number, as shells do it.</summary>
    public ExitCode Code => _signal is null or PosixSignal.SIGINT ? ExitCode.Interrupted : ExitCode.Terminated;

    /// <summary>One that hears the signals of this process.</summary>
    public static Interruption OfProcess()
    {
        var interruption = new Interruption();
        interruption._registrations =
        [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal =>
                PosixSignalRegistration.Create(signal, context => context.Cancel = interruption.Raise(context.Signal))),
        ];
        return interruption;
    }

    /// <summary>Takes a signal; false when there was one before, so that this one should do what it does by itself.</summary>
    public bool Raise(PosixSignal signal)
    {
        if (_signal is not null) return false;
        _signal = signal;
        _source.Cancel();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
    }
}
