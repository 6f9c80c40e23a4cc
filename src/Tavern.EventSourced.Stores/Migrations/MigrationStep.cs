namespace Tavern.EventSourced.Stores.Migrations;

/// <summary>A step of a store's schema, and when it was applied.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Name">Its file name under <c>migrations</c>.</param>
/// <param name="Checksum">SHA-256 of its text, in hexadecimal.</param>
/// <param name="AppliedAt">When, in RFC 3339; null when it was not.</param>
public sealed record MigrationStep(int Number, string Name, string Checksum, string? AppliedAt);
