using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tavern.EventSourced.Tests.Api;

namespace Tavern.EventSourced.Tests.Fuzz;

/// <summary>A node's HTTP API under spoiled requests: it answers each, and never with a fault of its own.</summary>
internal sealed class FuzzedApi : IAsyncDisposable
{
    private static readonly string[] Paths =
    [
        "agents", "agents/jake", "agents/jake/state?observer=gandalf&asOf=jake:2", "agents/jake/events?after=0&limit=5", "events/jake:1", "why?observer=jake&subject=gandalf&field=state",
        "events/jake:1/spread", "clock?observer=jake", "lag", "tasks", "commitments", "questions", "disagreements",
    ];

    private static readonly string[] Bodies =
    [
        """{"type":"DiscoveryShared","payload":{"text":"The gate is open.","topic":"gate"}}""", """{"type":"TaskCreated","payload":{"title":"Find the key"},"typeVersion":1,"causes":["jake:1"]}""",
        """{"type":"VerificationRecorded","payload":{"claim":"jake:1","outcome":"fail"}}""", """{"type":"MessageSent","payload":{"text":"Dinner.","to":["gandalf"]}}""",
    ];

    private readonly ApiFixture _api = new();
    private readonly TimeSpan _timeMax = TimeSpan.FromSeconds(20);

    private FuzzedApi()
    {
    }

    /// <summary>A sound invitation.</summary>
    public byte[] Invitation { get; private set; } = [];

    public static async Task<FuzzedApi> StartAsync()
    {
        var started = new FuzzedApi();
        await started._api.InitializeAsync();
        started.Invitation = (await started._api.Node.InviteAsync(started._api.Jake, "sam", null, CancellationToken.None)).ToJson();
        return started;
    }

    public IEnumerable<FuzzTarget> Targets() =>
    [
        new FuzzTarget("HTTP GET", random => Encoding.UTF8.GetBytes(Paths[random.Below(Paths.Length)]), GetAsync, typeof(UriFormatException), typeof(RefusedByApiException)) { IsElsewhere = true },
        new FuzzTarget("HTTP POST", random => Encoding.UTF8.GetBytes(Bodies[random.Below(Bodies.Length)]), PostAsync, typeof(RefusedByApiException)) { IsElsewhere = true },
    ];

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    private async ValueTask GetAsync(byte[] bytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_api.Address, "/api/v1/" + FuzzInputs.Text(bytes).TrimStart('/', '\\')));
        if (request.RequestUri!.Authority != _api.Address.Authority) throw new UriFormatException("It leads elsewhere.");
        await SendAsync(request, _api.Tokens.FindRead()!);
    }

    private async ValueTask PostAsync(byte[] bytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_api.Address, "/api/v1/agents/jake/events")) { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        await SendAsync(request, _api.Tokens.FindWrite(_api.Jake)!);
    }

    private async Task SendAsync(HttpRequestMessage request, string token)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var deadline = new CancellationTokenSource(_timeMax);
        using var response = await _api.Http.SendAsync(request, deadline.Token);
        var text = await response.Content.ReadAsStringAsync(deadline.Token);
        Assert.True((int)response.StatusCode < 500, $"{(int)response.StatusCode} {text}");
        if (response.IsSuccessStatusCode) return;
        // Not every refusal comes from Tavern: what is no HTTP at all the server refuses before it gets there, without a body.
        var title = text.StartsWith('{') ? JsonElement.Parse(text).GetProperty("detail").GetString() : "no HTTP";
        throw new RefusedByApiException($"{(int)response.StatusCode} {title}");
    }

    /// <summary>The API said no.</summary>
    private sealed class RefusedByApiException(string message) : Exception(message);
}
