/**
 * How many replicas there should be: ⌈current · value / target⌉, or as many as there are while value / target is within `tolerance` of 1. The
 * formula of Kubernetes' Horizontal Pod Autoscaler, whose tolerance is 0.1.
 */
export function desiredReplicas(current: number, value: number, target: number, tolerance = 0.1): number {
  const ratio = value / target;
  // A hair more than the tolerance, so that 1.1 counts as within it however it is rounded.
  if (Math.abs(ratio - 1) <= tolerance + 1e-9) return current;
  return Math.max(0, Math.ceil((current * value) / target - 1e-9));
}
