using System.Runtime.InteropServices;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Turns Ctrl-C, SIGTERM and SIGHUP into a cancellation, once; a second signal ends the process at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private PosixSignal? _signal;

    /// <summary>Listens from now on.</summary>
    public Interruption() =>
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, On))];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>True after Ctrl-C.</summary>
    public bool ByKeyboard => _signal is PosixSignal.SIGINT;

    /// <summary>What the shell gets when a command was ended by a signal: 128 and the signal's number, as shells do it.</summary>
    public ExitCode Code => _signal is null or PosixSignal.SIGINT ? ExitCode.Interrupted : ExitCode.Terminated;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void On(PosixSignalContext context)
    {
        if (_signal is not null) return;
        _signal = context.Signal;
        context.Cancel = true;
        _source.Cancel();
    }
}
