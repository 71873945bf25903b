using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace Inkling.Tests.Architecture;

/// <summary>Reads from compiled code which types of an assembly use which others of it.</summary>
/// <remarks>
/// It sees declarations (base types, interfaces, constraints, attributes and their typeof arguments), signatures
/// (fields, properties, methods, generic arguments) and method bodies (locals, caught exceptions, every operand).
/// It cannot see what the compiler folds away: constants, nameof, enum values outside a signature.
/// </remarks>
internal sealed partial class TypeDependencyReader
{
    private readonly MetadataReader _metadata;
    private readonly PEReader _image;
    private readonly TypeCollector _collector;
    private readonly HashSet<TypeDependency> _found = [];

    private TypeDependencyReader(PEReader image)
    {
        _image = image;
        _metadata = image.GetMetadataReader();
        _collector = new TypeCollector(_metadata);
    }

    /// <summary>All dependencies between different outermost types, each once, in order of their text.</summary>
    public static IReadOnlyList<TypeDependency> Read(string assemblyPath)
    {
        using PEReader image = new(File.OpenRead(assemblyPath));
        TypeDependencyReader reader = new(image);

        foreach (TypeDefinitionHandle type in reader._metadata.TypeDefinitions)
            reader.ReadType(type);

        return [.. reader._found.OrderBy(dependency => dependency.ToString(), StringComparer.Ordinal)];
    }

    private void ReadType(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);

        _collector.Visit(type.BaseType);
        foreach (InterfaceImplementationHandle implementation in type.GetInterfaceImplementations())
        {
            _collector.Visit(_metadata.GetInterfaceImplementation(implementation).Interface);
            Visit(_metadata.GetInterfaceImplementation(implementation).GetCustomAttributes());
        }

        Visit(type.GetGenericParameters());
        Visit(type.GetCustomAttributes());
        foreach (MethodImplementationHandle implementation in type.GetMethodImplementations())
            _collector.Visit(_metadata.GetMethodImplementation(implementation).MethodDeclaration);
        Record(handle, null);

        foreach (FieldDefinitionHandle field in type.GetFields())
        {
            FieldDefinition definition = _metadata.GetFieldDefinition(field);
            _collector.Visit(field);
            Visit(definition.GetCustomAttributes());
            Record(handle, _metadata.GetString(definition.Name));
        }

        foreach (PropertyDefinitionHandle property in type.GetProperties())
        {
            PropertyDefinition definition = _metadata.GetPropertyDefinition(property);
            definition.DecodeSignature(_collector, null);
            Visit(definition.GetCustomAttributes());
            Record(handle, _metadata.GetString(definition.Name));
        }

        foreach (EventDefinitionHandle @event in type.GetEvents())
        {
            EventDefinition definition = _metadata.GetEventDefinition(@event);
            _collector.Visit(definition.Type);
            Visit(definition.GetCustomAttributes());
            Record(handle, _metadata.GetString(definition.Name));
        }

        foreach (MethodDefinitionHandle method in type.GetMethods())
            ReadMethod(handle, _metadata.GetMethodDefinition(method));
    }

    private void ReadMethod(TypeDefinitionHandle type, MethodDefinition method)
    {
        method.DecodeSignature(_collector, null);
        Visit(method.GetGenericParameters());
        Visit(method.GetCustomAttributes());
        foreach (ParameterHandle parameter in method.GetParameters())
            Visit(_metadata.GetParameter(parameter).GetCustomAttributes());

        if (method.RelativeVirtualAddress != 0)
        {
            MethodBodyBlock body = _image.GetMethodBody(method.RelativeVirtualAddress);
            if (!body.LocalSignature.IsNil)
                _collector.Visit(body.LocalSignature);
            foreach (ExceptionRegion region in body.ExceptionRegions)
                _collector.Visit(region.CatchType);
            foreach (int token in IntermediateLanguage.Tokens(body.GetILReader()))
                _collector.Visit(MetadataTokens.EntityHandle(token));
        }

        Record(type, _metadata.GetString(method.Name));
    }

    private void Visit(GenericParameterHandleCollection parameters)
    {
        foreach (GenericParameterHandle parameter in parameters)
        {
            GenericParameter definition = _metadata.GetGenericParameter(parameter);
            Visit(definition.GetCustomAttributes());
            foreach (GenericParameterConstraintHandle constraint in definition.GetConstraints())
                _collector.Visit(_metadata.GetGenericParameterConstraint(constraint).Type);
        }
    }

    private void Visit(CustomAttributeHandleCollection attributes)
    {
        foreach (CustomAttributeHandle attribute in attributes)
        {
            _collector.Visit(_metadata.GetCustomAttribute(attribute).Constructor);
            _metadata.GetCustomAttribute(attribute).DecodeValue(_collector);
        }
    }

    private void Record(TypeDefinitionHandle type, string? member)
    {
        TypeDefinitionHandle from = Outermost(type);
        foreach (TypeDefinitionHandle used in _collector.TakeAll())
        {
            TypeDefinitionHandle to = Outermost(used);
            if (to != from)
                _found.Add(new TypeDependency(FullName(from), ReadableMember(type, member), FullName(to)));
        }
    }

    private TypeDefinitionHandle Outermost(TypeDefinitionHandle handle)
    {
        while (_metadata.GetTypeDefinition(handle).GetDeclaringType() is { IsNil: false } outer)
            handle = outer;
        return handle;
    }

    private string FullName(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        string name = _metadata.GetString(type.Name);
        return type.Namespace.IsNil ? name : $"{_metadata.GetString(type.Namespace)}.{name}";
    }

    /// <summary>The name as it stands in the source: a lambda or an iterator goes by the method that it is written in.</summary>
    private string? ReadableMember(TypeDefinitionHandle type, string? member)
    {
        if (member is not null && GeneratedName().Match(member) is { Success: true } inMember)
            return inMember.Groups[1].Value;

        TypeDefinition definition = _metadata.GetTypeDefinition(type);
        string typeName = _metadata.GetString(definition.Name);
        if (GeneratedName().Match(typeName) is { Success: true } inType)
            return inType.Groups[1].Value;

        bool isNested = !definition.GetDeclaringType().IsNil && !typeName.StartsWith('<');
        return (isNested, member) switch
        {
            (false, _) => member,
            (true, null) => typeName,
            (true, _) => $"{typeName}.{member}",
        };
    }

    [GeneratedRegex("^<([^<>]+)>")]
    private static partial Regex GeneratedName();
}
