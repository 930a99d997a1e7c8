/** Operators with a graph of their own inside. */
import { type Axis, axisOf, type Known, known, type NodeView, type Rules } from './node-view.js';

/** What two ways to a value have in common. */
function common(a: Known, b: Known): Known {
  const type = a.type === b.type ? a.type : null;
  if (a.axes === null || b.axes === null || a.axes.length !== b.axes.length) return known(type, null);
  const axes = a.axes.map((length, axis) => {
    const other = b.axes![axis] ?? null;
    return length !== null && other !== null && length.equals(other) ? length : null;
  });
  return known(type, axes);
}

function branches(node: NodeView): Known[] {
  const [then, otherwise] = ['then_branch', 'else_branch'].map((name) => {
    const body = node.graph(name);
    return body === null ? [] : node.inferBody(body, []);
  });
  return then!.map((value, i) => (otherwise![i] === undefined ? value : common(value, otherwise![i])));
}

/** The body takes the step's number, whether to go on, and what is carried over; it returns the last two and what is stacked. */
function loop(node: NodeView): Known[] {
  const body = node.graph('body');
  if (body === null) return [];
  const carried = node.inputs.slice(2).map((input) => ({ ...(input ?? known(null, null)), numbers: null }));
  const outputs = node.inferBody(body, [known('int64', []), known('bool', []), ...carried]).slice(1);
  const steps = node.input(0).numbers?.[0] ?? null;
  return outputs.map(({ type, axes }, i) => {
    const before = carried[i];
    if (before !== undefined) return common(before, known(type, axes));
    return known(type, axes === null ? null : [steps, ...axes]);
  });
}

/** The body takes states and one step of each sequence; it returns the same states and a step of each that is stacked. */
function scan(node: NodeView): Known[] {
  const body = node.graph('body');
  if (body === null) return [];
  const nSequences = node.int('num_scan_inputs', 0);
  const nStates = node.inputs.length - nSequences;
  const states = node.inputs.slice(0, nStates).map((input) => input ?? known(null, null));
  const axesOf = (at: number) => node.ints('scan_input_axes')?.[at] ?? 0;
  let steps: Axis = null;
  const cut = node.inputs.slice(nStates).map((input, at) => {
    const axes = input?.axes ?? null;
    if (axes === null) return known(input?.type ?? null, null);
    const axis = axisOf(axesOf(at), axes.length);
    steps = axes[axis] ?? steps;
    return known(input!.type, axes.toSpliced(axis, 1));
  });
  return node.inferBody(body, [...states, ...cut]).map(({ type, axes }, i) => {
    if (i < nStates) return common(states[i]!, known(type, axes));
    if (axes === null) return known(type, null);
    const axis = axisOf(node.ints('scan_output_axes')?.[i - nStates] ?? 0, axes.length + 1);
    return known(type, axes.toSpliced(axis, 0, steps));
  });
}

export const BODY_RULES: Rules = { If: branches, Loop: loop, Scan: scan };
