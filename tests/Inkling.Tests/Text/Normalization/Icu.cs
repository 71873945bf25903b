using System.Runtime.InteropServices;
using System.Text;

namespace Inkling.Tests.Text.Normalization;

/// <summary>The system's ICU, called by its own interface, since .NET does not use it where a program does without cultures.</summary>
internal static unsafe class Icu
{
    private static readonly nint Library;
    private static readonly string Suffix = "";

    // ICU puts its version into the names of files and functions; a system's own copy does not.
    static Icu()
    {
        foreach (string name in new[] { "icu.dll", "libicucore.dylib" })
        {
            if (NativeLibrary.TryLoad(name, out Library) && NativeLibrary.TryGetExport(Library, "unorm2_normalize", out _))
                return;
        }

        for (int version = 50; version < 100; version++)
        {
            if (NativeLibrary.TryLoad($"libicuuc.so.{version}", out Library))
            {
                Suffix = $"_{version}";
                return;
            }
        }

        Library = 0;
    }

    /// <summary>Whether there is one.</summary>
    public static bool IsPresent => Library != 0;

    /// <summary>The version of Unicode in which a character came, as ICU knows it; 0 where it does not know the character.</summary>
    public static double AgeOf(int codePoint)
    {
        byte* version = stackalloc byte[4];
        Functions.CharAge(codePoint, version);
        return version[0] + (version[1] / 10.0);
    }

    /// <summary>Normalises a string.</summary>
    public static string Normalize(string text, NormalizationForm form)
    {
        nint instance = form switch
        {
            NormalizationForm.FormC => Functions.C,
            NormalizationForm.FormD => Functions.D,
            NormalizationForm.FormKC => Functions.KC,
            _ => Functions.KD,
        };
        int error = 0;
        var buffer = new char[(text.Length * 18) + 1]; // no character becomes longer
        fixed (char* source = text, target = buffer)
        {
            int length = Functions.Normalize(instance, source, text.Length, target, buffer.Length, &error);
            return error <= 0 ? new string(target, 0, length) : throw new InvalidOperationException($"ICU error {error}");
        }
    }

    // Looked up when the first is called, and so only where there is a library.
    private static class Functions
    {
        public static readonly delegate* unmanaged[Cdecl]<int, byte*, void> CharAge =
            (delegate* unmanaged[Cdecl]<int, byte*, void>)Find("u_charAge");

        public static readonly delegate* unmanaged[Cdecl]<nint, char*, int, char*, int, int*, int> Normalize =
            (delegate* unmanaged[Cdecl]<nint, char*, int, char*, int, int*, int>)Find("unorm2_normalize");

        public static readonly nint C = Instance("NFC");
        public static readonly nint D = Instance("NFD");
        public static readonly nint KC = Instance("NFKC");
        public static readonly nint KD = Instance("NFKD");

        private static nint Find(string name) => NativeLibrary.GetExport(Library, name + Suffix);

        private static nint Instance(string form)
        {
            int error = 0;
            return ((delegate* unmanaged[Cdecl]<int*, nint>)Find($"unorm2_get{form}Instance"))(&error);
        }
    }
}
