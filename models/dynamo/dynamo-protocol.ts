/** What clients and nodes of a Dynamo-style store say to each other. Cells and contexts are the versioning policy's. */
import type { Reading } from '../versioning/versioning.ts';
import type { Members, MemberStatus } from './membership.ts';

export interface PutRequest {
  readonly key: string;
  readonly value: unknown;
  /** As `get` gave it. */
  readonly context: unknown;
}

/** A put on its way to a node of the key's preference list. */
export interface CoordinateRequest extends PutRequest {
  /** The owner that the coordinator stands in for, as the sender sees it. */
  readonly hintFor?: string;
}

export interface PutReply {
  /** What the coordinator's copy was when the write was done. */
  readonly version: unknown;
}

export interface StoreRequest {
  readonly key: string;
  readonly cell: unknown;
  /** Keep it for this owner, who cannot be reached, and hand it over later. */
  readonly hintFor?: string;
}

export interface KeyedCell {
  readonly key: string;
  readonly cell: unknown;
}

export interface DynamoProtocol {
  /** To any node. Fails with `no-quorum`. */
  get(request: { readonly key: string }): Reading;
  /**
   * To any node. Fails with `no-quorum`, `version-conflict` when the policy refuses the context, `disk-failed`, `starting`.
   */
  put(request: PutRequest): PutReply;
  /** Between nodes: does the put there. */
  coordinate(request: CoordinateRequest): PutReply;
  /** Between nodes: answered when it is as durable as the policy says. */
  store(request: StoreRequest): void;
  /** Between nodes: what it has of the key, hints included. */
  fetch(request: { readonly key: string }): unknown;
  /** Between nodes: membership histories are exchanged, and both have both. */
  gossip(request: { readonly members: Members }): Members;
  /** From an operator, to any node: a node joins or leaves the ring for good. Answered when that is durable there. */
  change(request: { readonly node: string; readonly status: MemberStatus }): void;
  /** Anti-entropy: the ranges whose roots differ. */
  roots(request: { readonly roots: readonly RangeHash[] }): readonly number[];
  /** Anti-entropy: hashes of nodes of a range's tree. */
  hashes(request: { readonly range: number; readonly nodes: readonly number[] }): readonly number[];
  /** Anti-entropy: the cells under some leaves. */
  leaves(request: { readonly range: number; readonly leaves: readonly number[] }): readonly KeyedCell[];
}

export interface RangeHash {
  readonly range: number;
  readonly hash: number;
}
