using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Terminals;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Shows a node's warnings and errors beside its banner.</summary>
internal sealed class NodeLog(Terminal terminal) : ILoggerProvider, ILogger
{
    /// <inheritdoc/>
    /// <remarks>A server that does not start is told by what its start throws; the host would tell it again, with a stack trace.</remarks>
    public ILogger CreateLogger(string categoryName) => categoryName.StartsWith("Microsoft.Extensions.Hosting", StringComparison.Ordinal) ? NullLogger.Instance : this;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        terminal.Note(logLevel is LogLevel.Warning ? Styled.Doubtful("! ") : Styled.Bad("! "), formatter(state, exception));
        if (exception is not null) FaultText.Write(terminal, exception);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Holds nothing: the terminal belongs to the process.
    }
}
