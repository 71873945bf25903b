using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Inkling.Tests.Architecture;

/// <summary>Notes every type of the assembly itself that a handle, a signature or an attribute mentions.</summary>
/// <remarks>As a provider it has nothing to build, so what it returns for a type is only what attributes need to be decoded.</remarks>
internal sealed class TypeCollector(MetadataReader metadata)
    : ISignatureTypeProvider<TypeCollector.Mention, object?>, ICustomAttributeTypeProvider<TypeCollector.Mention>
{
    private readonly HashSet<TypeDefinitionHandle> _types = [];
    private readonly Dictionary<string, TypeDefinitionHandle> _byName = metadata.TypeDefinitions.ToDictionary(
        handle => FullName(metadata, handle));

    /// <summary>What decoding an attribute asks about a type.</summary>
    internal readonly record struct Mention(PrimitiveTypeCode EnumType = PrimitiveTypeCode.Int32, bool IsSystemType = false);

    /// <summary>Hands over what was noted and forgets it.</summary>
    public IReadOnlyList<TypeDefinitionHandle> TakeAll()
    {
        TypeDefinitionHandle[] types = [.. _types];
        _types.Clear();
        return types;
    }

    /// <summary>Notes the types behind any type, member or signature.</summary>
    public void Visit(EntityHandle handle)
    {
        if (handle.IsNil)
            return;

        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                _types.Add((TypeDefinitionHandle)handle);
                break;
            case HandleKind.TypeReference:
                break; // another assembly's
            case HandleKind.TypeSpecification:
                metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                break;
            case HandleKind.FieldDefinition:
                FieldDefinition field = metadata.GetFieldDefinition((FieldDefinitionHandle)handle);
                _types.Add(field.GetDeclaringType());
                field.DecodeSignature(this, null);
                break;
            case HandleKind.MethodDefinition:
                MethodDefinition method = metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                _types.Add(method.GetDeclaringType());
                method.DecodeSignature(this, null);
                break;
            case HandleKind.MemberReference:
                MemberReference member = metadata.GetMemberReference((MemberReferenceHandle)handle);
                Visit(member.Parent);
                if (member.GetKind() == MemberReferenceKind.Field)
                    member.DecodeFieldSignature(this, null);
                else
                    member.DecodeMethodSignature(this, null);
                break;
            case HandleKind.MethodSpecification:
                MethodSpecification specification = metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                Visit(specification.Method);
                specification.DecodeSignature(this, null);
                break;
            case HandleKind.StandaloneSignature:
                StandaloneSignature signature = metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle);
                if (signature.GetKind() == StandaloneSignatureKind.LocalVariables)
                    signature.DecodeLocalSignature(this, null);
                else
                    signature.DecodeMethodSignature(this, null);
                break;
            default:
                throw new BadImageFormatException($"A {handle.Kind} cannot be an operand.");
        }
    }

    public Mention GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        _types.Add(handle);
        return new Mention(EnumTypeOf(handle));
    }

    public Mention GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        TypeReference type = reader.GetTypeReference(handle);
        string name = $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
        return new Mention(EnumTypeOf(Type.GetType(name)), IsSystemType: name == "System.Type");
    }

    public Mention GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
    {
        Visit(handle);
        return default;
    }

    /// <summary>A typeof inside an attribute, and the type of an enum that it names, are stored as text.</summary>
    public Mention GetTypeFromSerializedName(string name)
    {
        if (!TypeName.TryParse(name, out TypeName? parsed))
            return default;

        Visit(parsed);
        return new Mention(_byName.TryGetValue(parsed.FullName, out TypeDefinitionHandle handle) ? EnumTypeOf(handle) : EnumTypeOf(Type.GetType(name)));
    }

    public PrimitiveTypeCode GetUnderlyingEnumType(Mention type) => type.EnumType;

    public bool IsSystemType(Mention type) => type.IsSystemType;

    public Mention GetSystemType() => new(IsSystemType: true);

    public Mention GetPrimitiveType(PrimitiveTypeCode typeCode) => default;

    public Mention GetArrayType(Mention elementType, ArrayShape shape) => default;

    public Mention GetByReferenceType(Mention elementType) => default;

    public Mention GetFunctionPointerType(MethodSignature<Mention> signature) => default;

    public Mention GetGenericInstantiation(Mention genericType, ImmutableArray<Mention> typeArguments) => default;

    public Mention GetGenericMethodParameter(object? genericContext, int index) => default;

    public Mention GetGenericTypeParameter(object? genericContext, int index) => default;

    public Mention GetModifiedType(Mention modifier, Mention unmodifiedType, bool isRequired) => unmodifiedType;

    public Mention GetPinnedType(Mention elementType) => default;

    public Mention GetPointerType(Mention elementType) => default;

    public Mention GetSZArrayType(Mention elementType) => default;

    private static string FullName(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        TypeDefinition type = metadata.GetTypeDefinition(handle);
        string name = metadata.GetString(type.Name);
        if (type.GetDeclaringType() is { IsNil: false } outer)
            return $"{FullName(metadata, outer)}+{name}";
        return type.Namespace.IsNil ? name : $"{metadata.GetString(type.Namespace)}.{name}";
    }

    private void Visit(TypeName name)
    {
        if (name.IsConstructedGenericType)
        {
            foreach (TypeName argument in name.GetGenericArguments())
                Visit(argument);
            Visit(name.GetGenericTypeDefinition());
        }
        else if (!name.IsSimple)
        {
            Visit(name.GetElementType());
        }
        else if (_byName.TryGetValue(name.FullName, out TypeDefinitionHandle handle))
        {
            _types.Add(handle);
        }
    }

    private static PrimitiveTypeCode EnumTypeOf(Type? type)
        => type is { IsEnum: true } ? Enum.Parse<PrimitiveTypeCode>(type.GetEnumUnderlyingType().Name) : PrimitiveTypeCode.Int32;

    private PrimitiveTypeCode EnumTypeOf(TypeDefinitionHandle handle)
    {
        foreach (FieldDefinitionHandle field in metadata.GetTypeDefinition(handle).GetFields())
        {
            FieldDefinition definition = metadata.GetFieldDefinition(field);
            if (metadata.StringComparer.Equals(definition.Name, "value__"))
            {
                // A field signature is one byte of calling convention and then, for a primitive, its code.
                BlobReader signature = metadata.GetBlobReader(definition.Signature);
                signature.ReadSignatureHeader();
                return (PrimitiveTypeCode)signature.ReadSignatureTypeCode();
            }
        }

        return PrimitiveTypeCode.Int32;
    }
}
