using System.Text.Json.Serialization;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Doctoring;

/// <summary>How a line of a check-up stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Health>))]
public enum Health
{
    /// <summary>As it should be.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>It works, but somebody should look.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>Something does not work, or secrets are open.</summary>
    [JsonStringEnumMemberName("problem")]
    Problem,
}

/// <summary>One line of a check-up.</summary>
/// <param name="Topic">What was looked at: one or two words.</param>
/// <param name="Health">How it stands.</param>
/// <param name="What">What was found.</param>
/// <param name="Advice">What to do; null when nothing.</param>
public sealed record DoctorLine(string Topic, Health Health, string What, string? Advice = null)
{
    internal static DoctorLine Ok(string topic, string what) => new(topic, Health.Ok, what);

    internal static DoctorLine Warning(string topic, string what, string advice) => new(topic, Health.Warning, what, advice);

    internal static DoctorLine Problem(string topic, string what, string advice) => new(topic, Health.Problem, what, advice);
}

/// <summary>A check-up of a data folder and what surrounds it.</summary>
/// <param name="DataFolder">The folder.</param>
/// <param name="Healthy">True when there is no problem; warnings do not count.</param>
/// <param name="Lines">All that was looked at.</param>
public sealed record DoctorAnswer(string DataFolder, bool Healthy, IReadOnlyList<DoctorLine> Lines) : Answer;
