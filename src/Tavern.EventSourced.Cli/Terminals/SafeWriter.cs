using System.Text;

namespace Tavern.EventSourced.Cli.Terminals;

/// <summary>For libraries that write by themselves: passes on whole lines, made safe.</summary>
internal sealed class SafeWriter(TextWriter inner) : TextWriter
{
    private readonly StringBuilder _line = new();

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value)
    {
        if (value is not '\n')
        {
            _line.Append(value);
            return;
        }

        inner.WriteLine(SafeText.OneLine(_line.ToString().TrimEnd('\r')).Text);
        _line.Clear();
    }

    /// <summary>Passes on what has no line end yet.</summary>
    public override void Flush()
    {
        inner.Write(SafeText.OneLine(_line.ToString()).Text);
        _line.Clear();
        inner.Flush();
    }
}
