import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import * as proto from '@quorate/protocol';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { importPKCS8 } from 'jose';

@Module({})
class M {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(M);
  process.stdout.write(`${Object.keys(proto).length} ${typeof secp256k1.sign} ${typeof importPKCS8}\n`);
  await app.close();
}
void main();
