namespace Tavern.EventSourced.Tests.Fuzz;

/// <summary>Inputs that broke a decoder once, in Base64.</summary>
internal static class FuzzRegressions
{
    public static readonly (string Decoder, string Input)[] All =
    [
        // A key on a curve that this platform does not know: the library threw something else than for other bad keys.
        ("EcdsaVerifier.Verify", "MFkwEwYHKoZIzj0CAQYIKoZIxT0DAQcDQgAE2qfxMzVmzz2kMnGDqyzEJVT7a4jGNYWE9J0rMdf64OE2kH7uvamH15fY4mnPa5qIn7iDu/dsO1c/TKy9XwvdCM9+nEyKkh7w07YgMI5Ot/PGpkN8cGFHWfq/ZQcWptSl8uFaDUMEUZn5s1uPBb6o6oo="),

        // A JSON body with a string that is not UTF-8: the API answered with a fault of its own.
        ("HTTP POST", "eyJ0eXBlIjoiRGlzY292ZXJ5U2hhcmVkIiwicGF5bG9hZCI6eyJ0ZXh0IjoiVGhlIGdhdIIgaXMgb3Blbi4iLCJ0b3BpYyI6ImdhdGUifX0="),

        // JSON that holds null, as a whole or as an element of a list.
        ("TavernFile.Read", "bnVsbA=="),

        // A connection string with a word that its library does not know: it threw something else than for other bad ones.
        ("StoreFile.Parse", "SG9zdkhvc3Y9"),

        // A cut of thousands of events: each one copied all before it.
        ("PointSyntax.Parse", Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes("a:1" + string.Concat(Enumerable.Repeat(",a:1", 10_000))))),
    ];
}
