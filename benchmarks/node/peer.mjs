// The npm peers as a worker (see ../worker.py): node peer.mjs digitalbazaar|pairing-crypto

import {createInterface} from 'node:readline';

const octets = hex => new Uint8Array(Buffer.from(hex, 'hex'));

/** Core BBS of an early draft whose proofs are byte for byte ours: it must accept the proof that Bonafides made. */
async function digitalbazaar(task) {
  const bbs = await import('@digitalbazaar/bbs-signatures');
  const ciphersuite = bbs.CIPHERSUITES.BLS12381_SHA256;
  const secretKey = octets(task.secret_key);
  const publicKey = await bbs.secretKeyToPublicKey({secretKey, ciphersuite});
  const messages = task.messages.map(octets);
  const shared = {publicKey, header: octets(task.header), ciphersuite};
  const shown = {
    ...shared,
    presentationHeader: octets(task.presentation_header),
    disclosedMessageIndexes: task.disclosed
  };
  const sign = () => bbs.sign({...shared, secretKey, messages});
  const signature = await sign();
  const verify = async () => {
    const disclosedMessages = task.disclosed.map(i => messages[i]);
    if(!await bbs.verifyProof({...shown, proof: octets(task.proof), disclosedMessages})) {
      throw new Error('a proof that does not hold');
    }
  };
  await verify();
  return {sign, prove: () => bbs.deriveProof({...shown, signature, messages}), verify};
}

/** Rust compiled to WebAssembly, of a draft before ours: its own proofs. */
async function pairingCrypto(task) {
  const {default: library} = await import('@mattrglobal/pairing-crypto');
  const bbs = library.bbs.bls12381_sha256;
  const {secretKey, publicKey} = await bbs.generateKeyPair({ikm: octets(task.key_material)});
  const messages = task.messages.map(octets);
  const header = octets(task.header);
  const presentationHeader = octets(task.presentation_header);
  const sign = () => bbs.sign({secretKey, publicKey, header, messages});
  const signature = await sign();
  const prove = () => bbs.deriveProof({
    publicKey, header, presentationHeader, signature, verifySignature: false,
    messages: messages.map((value, i) => ({value, reveal: task.disclosed.includes(i)}))
  });
  const proof = await prove();
  const shown = Object.fromEntries(task.disclosed.map(i => [i, messages[i]]));
  const verify = async () => {
    const {verified} = await bbs.verifyProof({publicKey, header, presentationHeader, proof, messages: shown});
    if(!verified) {
      throw new Error('a proof that does not hold');
    }
  };
  return {sign, prove, verify};
}

/** Milliseconds of processor time of this process. */
function now() {
  const {user, system} = process.cpuUsage();
  return (user + system) / 1000;
}

const say = value => process.stdout.write(JSON.stringify(value) + '\n');
const peers = {digitalbazaar, 'pairing-crypto': pairingCrypto};
let operations;
for await (const line of createInterface({input: process.stdin})) {
  if(!operations) {
    operations = await peers[process.argv[2]](JSON.parse(line));
    say({operations: Object.keys(operations)});
    continue;
  }
  const [name, count] = line.split(' ');
  const times = [];
  for(let i = 0; i < Number(count); i++) {
    const start = now();
    await operations[name]();
    times.push(now() - start);
  }
  say(times);
}
