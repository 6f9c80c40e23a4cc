using System.Text;

namespace Tavern.EventSourced.Cli.Terminals;

/// <summary>Puts an indent before every line that is not empty.</summary>
internal sealed class IndentedWriter(TextWriter inner, string indent) : TextWriter
{
    private bool _atStart = true;

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value)
    {
        if (_atStart && value is not '\n') inner.Write(indent);
        _atStart = value is '\n';
        inner.Write(value);
    }

    /// <inheritdoc/>
    public override void Write(string? value)
    {
        foreach (var c in value ?? "") Write(c);
    }
}
