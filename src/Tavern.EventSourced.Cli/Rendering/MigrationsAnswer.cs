using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Stores.Migrations;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>The steps of a store's schema.</summary>
/// <param name="Store">Where it is.</param>
/// <param name="Pending">How many were not applied.</param>
/// <param name="Steps">All that this version knows, by number.</param>
internal sealed record MigrationsAnswer(string Store, int Pending, IReadOnlyList<MigrationStep> Steps) : Answer;
