// Reads {suite, secretKey, publicKey, header, ph, messages, disclosed, signature?, proof?} in hex from standard input and
// writes what the foreign implementation makes of it.
import * as bbs from '@digitalbazaar/bbs-signatures';

const bytes = hex => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = data => Buffer.from(data).toString('hex');
let text = '';
for await (const chunk of process.stdin) text += chunk;
const asked = JSON.parse(text);
const ciphersuite = asked.suite;
const [secretKey, publicKey, header, presentationHeader] =
  [asked.secretKey, asked.publicKey, asked.header, asked.ph].map(bytes);
const messages = asked.messages.map(bytes);
const disclosedMessageIndexes = asked.disclosed;
const disclosedMessages = asked.disclosed.map(i => messages[i]);

const signature = await bbs.sign({secretKey, publicKey, header, messages, ciphersuite});
const proof = await bbs.deriveProof({
  publicKey, signature, header, messages, presentationHeader, disclosedMessageIndexes, ciphersuite
});
const accepts = async attempt => {
  try {
    return await attempt();
  } catch {
    return false;
  }
};
process.stdout.write(JSON.stringify({
  signature: hex(signature),
  proof: hex(proof),
  acceptsSignature: await accepts(() => bbs.verifySignature({
    publicKey, signature: bytes(asked.signature), header, messages, ciphersuite
  })),
  acceptsProof: await accepts(() => bbs.verifyProof({
    publicKey, proof: bytes(asked.proof), header, presentationHeader, disclosedMessages, disclosedMessageIndexes,
    ciphersuite
  }))
}));
