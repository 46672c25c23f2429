//! zkryptium: core BBS draft-13, blind -02, pseudonyms -03: the drafts that Bonafides speaks.

use crate::{Peer, Task};
use zkryptium::bbsplus::commitment::BlindFactor;
use zkryptium::bbsplus::keys::{BBSplusPublicKey, BBSplusSecretKey};
use zkryptium::bbsplus::pseudonym::{BBSplusPseudonym, PseudonymSecret};
use zkryptium::keys::pair::KeyPair;
use zkryptium::schemes::algorithms::BbsBls12381Sha256 as Suite;
use zkryptium::schemes::generics::{BlindSignature, Commitment, PoKSignature, Signature};

pub struct Zkryptium {
    secret_key: BBSplusSecretKey,
    public_key: BBSplusPublicKey,
    header: Vec<u8>,
    ph: Vec<u8>,
    context: Vec<u8>,
    messages: Vec<Vec<u8>>,
    disclosed: Vec<usize>,
    shown: Vec<Vec<u8>>,
    signature: [u8; 80],
    proof: Vec<u8>,
    commitment: Vec<u8>,
    blind: BlindFactor,
    nyms: Vec<PseudonymSecret>,
    nym_signature: [u8; 80],
    nym_proof: Vec<u8>,
    pseudonym: Vec<u8>,
}

impl Zkryptium {
    pub fn new(task: &Task) -> Self {
        let pair = KeyPair::<Suite>::generate(&task.key_material, None, None).expect("a key pair");
        let nyms = PseudonymSecret::random_vec(1);
        let (commitment, blind) =
            Commitment::<Suite>::commit_with_nym(None, nyms.clone()).expect("a commitment");
        let mut peer = Self {
            secret_key: pair.private_key().clone(),
            public_key: pair.public_key().clone(),
            header: task.header.clone(),
            ph: task.presentation_header.clone(),
            context: task.context.clone(),
            shown: task
                .disclosed
                .iter()
                .map(|&i| task.messages[i].clone())
                .collect(),
            messages: task.messages.clone(),
            disclosed: task.disclosed.clone(),
            signature: [0; 80],
            proof: task.proof.clone(),
            commitment: commitment.to_bytes(),
            blind,
            nyms,
            nym_signature: [0; 80],
            nym_proof: Vec::new(),
            pseudonym: Vec::new(),
        };
        peer.verify(); // the very bytes that Bonafides made
        peer.signature = peer.sign();
        peer.proof = peer.prove();
        peer.nym_signature = peer.blind_sign();
        (peer.nym_proof, peer.pseudonym) = peer.prove_nym();
        peer
    }

    fn sign(&self) -> [u8; 80] {
        Signature::<Suite>::sign(
            Some(&self.messages),
            &self.secret_key,
            &self.public_key,
            Some(&self.header),
        )
        .expect("a signature")
        .to_bytes()
    }

    fn prove(&self) -> Vec<u8> {
        PoKSignature::<Suite>::proof_gen(
            &self.public_key,
            &self.signature,
            Some(&self.header),
            Some(&self.ph),
            Some(&self.messages),
            Some(&self.disclosed),
        )
        .expect("a proof")
        .to_bytes()
    }

    fn verify(&self) {
        PoKSignature::<Suite>::from_bytes(&self.proof)
            .and_then(|proof| {
                proof.proof_verify(
                    &self.public_key,
                    Some(&self.shown),
                    Some(&self.disclosed),
                    Some(&self.header),
                    Some(&self.ph),
                )
            })
            .expect("a proof that holds");
    }

    fn blind_sign(&self) -> [u8; 80] {
        BlindSignature::<Suite>::blind_sign_with_nym(
            &self.secret_key,
            &self.public_key,
            Some(&self.commitment),
            1,
            Some(&self.header),
            &PseudonymSecret::from_bytes(&[0; 32]).expect("zero"),
            Some(&self.messages),
        )
        .expect("a blind signature")
        .to_bytes()
    }

    fn prove_nym(&self) -> (Vec<u8>, Vec<u8>) {
        let (proof, pseudonym) = PoKSignature::<Suite>::proof_gen_with_nym(
            &self.public_key,
            &self.nym_signature,
            Some(&self.header),
            Some(&self.ph),
            &self.nyms,
            &self.context,
            Some(&self.messages),
            None,
            Some(&self.disclosed),
            None,
            Some(&self.blind),
        )
        .expect("a proof with a pseudonym");
        (proof.to_bytes(), pseudonym.to_bytes())
    }

    fn verify_nym(&self) {
        let pseudonym = BBSplusPseudonym::from_bytes(&self.pseudonym).expect("a pseudonym");
        PoKSignature::<Suite>::from_bytes(&self.nym_proof)
            .and_then(|proof| {
                proof.proof_verify_with_nym(
                    &self.public_key,
                    Some(&self.header),
                    Some(&self.ph),
                    &pseudonym,
                    &self.context,
                    1,
                    Some(self.messages.len()),
                    Some(&self.shown),
                    None,
                    Some(&self.disclosed),
                    None,
                )
            })
            .expect("a proof with a pseudonym that holds");
    }
}

impl Peer for Zkryptium {
    fn operations(&self) -> Vec<&'static str> {
        vec![
            "sign",
            "prove",
            "verify",
            "blind_sign",
            "prove_nym",
            "verify_nym",
        ]
    }

    fn run(&self, operation: &str) -> usize {
        match operation {
            "sign" => drop(self.sign()),
            "prove" => drop(self.prove()),
            "verify" => self.verify(),
            "blind_sign" => drop(self.blind_sign()),
            "prove_nym" => drop(self.prove_nym()),
            "verify_nym" => self.verify_nym(),
            _ => panic!("no such operation"),
        }
        1
    }
}
