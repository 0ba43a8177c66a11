/**
 * ONNX files: the part of onnx.proto that our models need, as types and as bytes.
 *
 * Field numbers are those of the format. Tensors keep their values as raw little-endian bytes, so
 * that parameters keep every bit. Assumes a little-endian machine, as the training engines do.
 * Source: onnx/onnx.proto, IR version 8.
 */
import { PbfWriter } from "pbf";

/** TensorProto.DataType. */
export const FLOAT = 1;
export const INT32 = 6;
export const INT64 = 7;
export const STRING = 8;
export const DOUBLE = 11;
export type ElementType =
  | typeof FLOAT
  | typeof INT32
  | typeof INT64
  | typeof STRING
  | typeof DOUBLE;

/** Row-major values; the array's type is the tensor's. */
export interface TensorValue {
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array | BigInt64Array;
}

/**
 * A number is an INT, a text a STRING, a list of numbers INTS, of 32-bit ones FLOATS, a list of
 * texts STRINGS.
 */
export type Attribute =
  | number
  | string
  | readonly number[]
  | Float32Array
  | readonly string[]
  | TensorValue;

export interface OnnxNode {
  readonly op: string;
  /** "" for ai.onnx. */
  readonly domain: string;
  readonly inputs: readonly string[];
  /** The name of its output, which is also the node's name. */
  readonly output: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A graph's input or output; a dimension is a size, or a name where it is any. */
export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
  readonly doc: string;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  /** Constants by name. */
  readonly constants: ReadonlyMap<string, TensorValue>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export interface OnnxModel {
  readonly irVersion: number;
  /** Operator set versions by domain. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly producerVersion: string;
  readonly doc: string;
  readonly graph: OnnxGraph;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The bytes of a model's file. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const pbf = new PbfWriter();
  writeModel(model, pbf);
  return pbf.finish();
}

function writeModel(model: OnnxModel, pbf: PbfWriter): void {
  pbf.writeVarintField(1, model.irVersion);
  pbf.writeStringField(2, "bailiwick");
  pbf.writeStringField(3, model.producerVersion);
  pbf.writeStringField(6, model.doc);
  pbf.writeMessage(7, writeGraph, model.graph);
  for (const opset of Object.entries(model.opsets)) pbf.writeMessage(8, writeOpset, opset);
  for (const entry of Object.entries(model.metadata)) pbf.writeMessage(14, writeEntry, entry);
}

function writeOpset([domain, version]: readonly [string, number], pbf: PbfWriter): void {
  pbf.writeStringField(1, domain);
  pbf.writeVarintField(2, version);
}

function writeEntry([key, value]: readonly [string, string], pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

function writeGraph(graph: OnnxGraph, pbf: PbfWriter): void {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, graph.name);
  for (const constant of graph.constants) pbf.writeMessage(5, writeNamedTensor, constant);
  for (const input of graph.inputs) pbf.writeMessage(11, writeValue, input);
  for (const output of graph.outputs) pbf.writeMessage(12, writeValue, output);
}

function writeNode(node: OnnxNode, pbf: PbfWriter): void {
  for (const input of node.inputs) pbf.writeStringField(1, input);
  pbf.writeStringField(2, node.output);
  pbf.writeStringField(3, node.output);
  pbf.writeStringField(4, node.op);
  for (const attribute of Object.entries(node.attributes)) {
    pbf.writeMessage(5, writeAttribute, attribute);
  }
  if (node.domain !== "") pbf.writeStringField(7, node.domain);
}

function writeAttribute([name, value]: readonly [string, Attribute], pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  if (typeof value === "number") {
    pbf.writeVarintField(3, value);
    pbf.writeVarintField(20, 2);
  } else if (typeof value === "string") {
    pbf.writeBytesField(4, new TextEncoder().encode(value));
    pbf.writeVarintField(20, 3);
  } else if ("shape" in value) {
    pbf.writeMessage(5, writeTensor, value);
    pbf.writeVarintField(20, 4);
  } else if (value instanceof Float32Array) {
    for (const float of value) pbf.writeFloatField(7, float);
    pbf.writeVarintField(20, 6);
  } else if (typeof value[0] === "string") {
    for (const text of value) pbf.writeStringField(9, text as string);
    pbf.writeVarintField(20, 8);
  } else {
    for (const integer of value) pbf.writeVarintField(8, integer as number);
    pbf.writeVarintField(20, 7);
  }
}

function writeNamedTensor([name, tensor]: readonly [string, TensorValue], pbf: PbfWriter): void {
  writeTensor(tensor, pbf);
  pbf.writeStringField(8, name);
}

function writeTensor({ shape, values }: TensorValue, pbf: PbfWriter): void {
  for (const size of shape) pbf.writeVarintField(1, size);
  pbf.writeVarintField(2, typeOf(values));
  pbf.writeBytesField(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

function typeOf(values: TensorValue["values"]): ElementType {
  if (values instanceof Float32Array) return FLOAT;
  return values instanceof Float64Array ? DOUBLE : INT64;
}

function writeValue({ name, type, shape, doc }: OnnxValue, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(2, writeType, { type, shape });
  pbf.writeStringField(3, doc);
}

type TensorType = Pick<OnnxValue, "type" | "shape">;

/** TypeProto, whose only field is the TypeProto.Tensor of it. */
function writeType(type: TensorType, pbf: PbfWriter): void {
  pbf.writeMessage(1, writeTensorType, type);
}

function writeTensorType({ type, shape }: TensorType, pbf: PbfWriter): void {
  pbf.writeVarintField(1, type);
  pbf.writeMessage(2, writeShape, shape);
}

function writeShape(shape: TensorType["shape"], pbf: PbfWriter): void {
  for (const size of shape) pbf.writeMessage(1, writeDimension, size);
}

function writeDimension(size: number | string, pbf: PbfWriter): void {
  if (typeof size === "number") pbf.writeVarintField(1, size);
  else pbf.writeStringField(2, size);
}
