using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Migrations;

/// <summary>One step of a schema, embedded in the assembly as <c>migrations/STORE/0001_name.sql</c>. Once released, never changed.</summary>
/// <param name="Number">From 1, without holes.</param>
/// <param name="Name">Its file name.</param>
/// <param name="Script">SQL.</param>
internal sealed record StoreMigration(int Number, string Name, string Script)
{
    /// <summary>SHA-256 of the script.</summary>
    public Hash Checksum { get; } = Hash.Of(Encoding.UTF8.GetBytes(Script));

    /// <summary>All steps this version knows for a kind of store, by number.</summary>
    /// <param name="kind">The folder under <c>migrations</c>.</param>
    public static ImmutableArray<StoreMigration> Load(string kind)
    {
        var (assembly, folder) = (Assembly.GetExecutingAssembly(), $"migrations/{kind}/");
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith(folder, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name => Read(assembly, name, name[folder.Length..])),
        ];
    }

    private static StoreMigration Read(Assembly assembly, string resource, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return new StoreMigration(int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, reader.ReadToEnd());
    }
}
