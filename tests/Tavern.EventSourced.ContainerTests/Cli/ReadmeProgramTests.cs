using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Stores.Sqlite;

namespace Tavern.EventSourced.ContainerTests.Cli;

/// <summary>Compiles and runs the program of the README, as it stands there, against the built assemblies.</summary>
public sealed class ReadmeProgramTests : IDisposable
{
    private const int LinesMax = 10; // what the README promises to be short

    private static readonly TimeSpan BuildTimeMax = TimeSpan.FromMinutes(8); // ten seconds on an idle machine

    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task The_program_of_the_README_compiles_runs_and_goes_on_where_it_was()
    {
        var program = ReadmeCommands.Program();
        Assert.True(program.Split('\n').Count(line => line.Length > 1) <= LinesMax, program);
        await File.WriteAllTextAsync(Path.Combine(_shell.Folder, "Program.cs"), program);
        await File.WriteAllTextAsync(Path.Combine(_shell.Folder, "Inn.csproj"), Project());
        var (built, buildOutput, buildError) = await _shell.RunAsync("dotnet build -nologo -clp:NoSummary -nodeReuse:false --disable-build-servers -o out", BuildTimeMax);
        Assert.True(built == 0, $"{buildOutput}{buildError}");

        const int Runs = 2;
        for (var run = 1; run <= Runs; run++)
        {
            var (code, output, error) = await _shell.RunAsync("dotnet out/Inn.dll");
            Assert.True(code == 0, $"run {run}: {output}{error}");
            Assert.Contains("Jake", output, StringComparison.Ordinal);
            Assert.Contains("AGREE", output, StringComparison.Ordinal);
        }

        // Each run's task was started once, though the second run met the first one's again.
        await using var store = await SqliteEventStore.OpenAsync(
            new SqliteStoreOptions { Path = Path.Combine(_shell.Folder, "inn", "events.db"), ReadOnly = true }, CancellationToken.None);
        var records = (await store.ReadSegmentsAsync(CancellationToken.None).ToListAsync()).SelectMany(stored => stored.Segment.Records).ToList();
        var created = records.Where(record => record.Header.Type == nameof(TaskCreated)).Select(record => record.Id).ToList();
        Assert.Equal(Runs, created.Count);
        Assert.Equal(created, records.Where(record => record.Header.Type == nameof(TaskStarted)).Select(record => Assert.Single(record.Header.Causes)));
    }

    /// <summary>A project as a user would have it; the assemblies lie beside this test, so that nothing is restored or built twice.</summary>
    private static string Project()
    {
        var references = Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            .Where(file => Path.GetFileName(file) is var name && (name.StartsWith("Tavern.EventSourced", StringComparison.Ordinal) || name is "MediatR.dll" or "Google.Protobuf.dll"
                || name.StartsWith("Polly", StringComparison.Ordinal) || name.StartsWith("Microsoft.Data.Sqlite", StringComparison.Ordinal) || name.StartsWith("SQLitePCL", StringComparison.Ordinal)))
            .Where(file => !Path.GetFileName(file).Contains("Tests", StringComparison.Ordinal) && !Path.GetFileName(file).Contains("SampleWorker", StringComparison.Ordinal));
        var native = Directory.EnumerateFiles(
            Path.Combine(AppContext.BaseDirectory, "runtimes", System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier, "native"));
        return $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <UseAppHost>false</UseAppHost>
                <InvariantGlobalization>true</InvariantGlobalization>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NuGetAudit>false</NuGetAudit>
                <RestoreSources>$(MSBuildProjectDirectory)</RestoreSources>
              </PropertyGroup>
              <ItemGroup>
                <FrameworkReference Include="Microsoft.AspNetCore.App" />
                {string.Concat(references.Select(file => $"<Reference Include=\"{file}\" />\n    "))}
                {string.Concat(native.Select(file => $"<None Include=\"{file}\" CopyToOutputDirectory=\"PreserveNewest\" Link=\"{Path.GetFileName(file)}\" />\n    "))}
              </ItemGroup>
            </Project>
            """;
    }
}
