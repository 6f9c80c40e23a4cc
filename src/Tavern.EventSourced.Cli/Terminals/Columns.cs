namespace Tavern.EventSourced.Cli.Terminals;

/// <summary>Rows whose cells line up, two spaces apart. Widths come from the cells alone, not from the window, so that the same data
/// is the same text everywhere; the last column is never padded, and no other is wider than 120 characters unless it is a command.</summary>
internal sealed class Columns
{
    private const int CellCharsMax = 120; // above any name and id; one long text would push the columns after it out of every row

    private readonly List<Styled[]> _rows = [];

    /// <summary>Starts with a heading.</summary>
    public Columns(params ReadOnlySpan<string> headings)
    {
        if (headings.IsEmpty) return;
        var row = new Styled[headings.Length];
        for (var i = 0; i < row.Length; i++) row[i] = Styled.Faint(headings[i]);
        _rows.Add(row);
    }

    /// <summary>Adds a row.</summary>
    public void Add(params ReadOnlySpan<Styled> cells)
    {
        var row = cells.ToArray();
        for (var i = 0; i < row.Length - 1; i++)
            if (row[i].Style is not TextStyle.Command) row[i] = row[i] with { Text = SafeText.OneLine(row[i].Text.Text, CellCharsMax) };
        _rows.Add(row);
    }

    /// <summary>Writes all rows as data, each after <paramref name="indent"/>.</summary>
    public void WriteTo(Terminal terminal, string indent = "")
    {
        foreach (var line in Lines(indent)) terminal.Line(line);
    }

    /// <summary>Writes all rows beside the data, each after <paramref name="indent"/>.</summary>
    public void NoteTo(Terminal terminal, string indent = "")
    {
        foreach (var line in Lines(indent)) terminal.Note(line);
    }

    private IEnumerable<Styled[]> Lines(string indent)
    {
        var widths = new List<int>();
        foreach (var row in _rows)
            for (var i = 0; i < row.Length; i++)
            {
                if (i == widths.Count) widths.Add(0);
                widths[i] = Math.Max(widths[i], row[i].Text.Length);
            }

        foreach (var row in _rows)
        {
            var parts = new List<Styled> { indent };
            for (var i = 0; i < row.Length; i++)
            {
                parts.Add(row[i]);
                if (i < row.Length - 1) parts.Add(new string(' ', widths[i] - row[i].Text.Length + 2));
            }

            yield return [.. parts];
        }
    }
}
