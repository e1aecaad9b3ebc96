import { InvalidArgumentError } from 'commander';
import { listOf } from '../terminal/option-values';

export function chainId(text: string): string {
  if (!/^[1-9]\d{0,19}$/.test(text)) throw new InvalidArgumentError('Give a decimal chain id, such as 1.');
  return text;
}

export function hosts(text: string): string[] {
  const names = listOf(text);
  if (names.some((name) => !/^[A-Za-z0-9.-]{1,253}$/.test(name))) {
    throw new InvalidArgumentError('Give host names or IPv4 addresses with commas between them.');
  }
  return names;
}

export function addressOfPostgres(text: string): string {
  if (!/^[A-Za-z0-9.-]+:\d{1,5}$/.test(text)) {
    throw new InvalidArgumentError('Give HOST:PORT, such as db.example.org:5432.');
  }
  return text;
}
