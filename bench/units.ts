// How figures are written.

export type Unit = 'nanoseconds' | 'microseconds' | 'milliseconds' | 'bytes' | 'times' | 'per second';

export function format(value: number, unit: Unit): string {
  if (unit === 'times') return value.toLocaleString('en', { maximumSignificantDigits: 3 });
  const digits = unit === 'bytes' || unit === 'per second' || Math.abs(value) >= 100 ? 0 : Math.abs(value) < 1 ? 2 : 1;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function formatCount(count: number): string {
  return count.toLocaleString('en');
}
