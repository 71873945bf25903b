@echo off
rem Builds Inkling when a source is newer than the build, then runs the program.
setlocal
set "root=%~dp0"
set "output=%root%src\Inkling.Cli\bin\Release\net10.0"
set "program=%output%\Inkling.Cli.dll"
set "stamp=%output%\.built"

where dotnet >nul 2>nul
if errorlevel 1 (
    echo inkling: the .NET 10 SDK is needed: dotnet is not on the PATH ^(https://dotnet.microsoft.com/download^)>&2
    exit /b 1
)

if not exist "%program%" goto build
if not exist "%stamp%" goto build
powershell -NoProfile -Command "$r = $env:root; $b = (Get-Item -LiteralPath $env:stamp).LastWriteTimeUtc; $n = @(Get-ChildItem -LiteralPath ($r + 'src\Inkling'), ($r + 'src\Inkling.Cli') -Recurse | Where-Object { $_.FullName.Substring($r.Length) -notmatch '\\(bin|obj)(\\|$)' -and ($_.PSIsContainer -or $_.Extension -in '.cs', '.css', '.js', '.csproj') }) + @(Get-ChildItem -LiteralPath $r | Where-Object { $_.Name -in 'Directory.Build.props', 'Directory.Packages.props', 'Inkling.slnx', 'global.json' }); exit [int](@($n | Where-Object { $_.LastWriteTimeUtc -gt $b }).Count -gt 0)"
if errorlevel 1 goto build
goto start

:build
echo building...>&2
if not exist "%output%" mkdir "%output%"
type nul>"%stamp%.new"
dotnet build "%root%src\Inkling.Cli\Inkling.Cli.csproj" -c Release --nologo -v quiet -clp:NoSummary --disable-build-servers 1>&2
if errorlevel 1 (
    del "%stamp%.new"
    echo inkling: the build failed ^(see above^)>&2
    exit /b 1
)
move /y "%stamp%.new" "%stamp%" >nul

:start
set "INKLING_COMMAND=inkling"
dotnet "%program%" %*
exit /b %errorlevel%
