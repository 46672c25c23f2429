//! bbs_plus: BBS with the proof of the IETF draft, in an encoding of its own. It has neither the draft's domain nor its
//! hashing of messages; messages enter as field elements and the verifier's G2 points are prepared once for all.

use crate::{Peer, Task};
use ark_bls12_381::{Bls12_381, Fr};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use ark_std::rand::{rngs::StdRng, SeedableRng};
use ark_std::UniformRand;
use bbs_plus::prelude::{
    PreparedPublicKeyG2, PreparedSignatureParams23G1, Signature23G1, SignatureParams23G1,
};
use bbs_plus::proof_23_ietf::{PoKOfSignature23G1Proof, PoKOfSignature23G1Protocol};
use bbs_plus::setup::{KeypairG2, SecretKey};
use blake2::Blake2b512;
use dock_crypto_utils::randomized_pairing_check::RandomizedPairingChecker;
use dock_crypto_utils::signature::MessageOrBlinding;
use schnorr_pok::compute_random_oracle_challenge;
use std::cell::RefCell;
use std::collections::BTreeMap;

pub struct BbsPlus {
    random: RefCell<StdRng>,
    params: SignatureParams23G1<Bls12_381>,
    secret_key: SecretKey<Fr>,
    prepared_params: PreparedSignatureParams23G1<Bls12_381>,
    prepared_key: PreparedPublicKeyG2<Bls12_381>,
    messages: Vec<Fr>,
    shown: BTreeMap<usize, Fr>,
    ph: Vec<u8>,
    signature: Signature23G1<Bls12_381>,
    proofs: Vec<Vec<u8>>,
}

impl BbsPlus {
    pub fn new(task: &Task) -> Self {
        let mut random = StdRng::from_entropy();
        let params = SignatureParams23G1::<Bls12_381>::new::<Blake2b512>(
            b"bonafides",
            task.messages.len() as u32,
        );
        let pair = KeypairG2::<Bls12_381>::generate_using_seed_and_bbs23_params::<Blake2b512>(
            &task.key_material,
            &params,
        );
        let messages: Vec<Fr> = task
            .messages
            .iter()
            .map(|_| Fr::rand(&mut random))
            .collect();
        let signature =
            Signature23G1::<Bls12_381>::new(&mut random, &messages, &pair.secret_key, &params)
                .expect("a signature");
        let mut peer = Self {
            random: RefCell::new(random),
            prepared_params: PreparedSignatureParams23G1::from(params.clone()),
            prepared_key: PreparedPublicKeyG2::from(pair.public_key.clone()),
            secret_key: pair.secret_key.clone(),
            params,
            shown: task.disclosed.iter().map(|&i| (i, messages[i])).collect(),
            messages,
            ph: task.presentation_header.clone(),
            signature,
            proofs: Vec::new(),
        };
        peer.proofs = (0..task.batch).map(|_| peer.prove()).collect();
        peer
    }

    fn sign(&self) -> Vec<u8> {
        let random = &mut *self.random.borrow_mut();
        let signature =
            Signature23G1::<Bls12_381>::new(random, &self.messages, &self.secret_key, &self.params)
                .expect("a signature");
        encode(&signature)
    }

    fn prove(&self) -> Vec<u8> {
        let messages = self.messages.iter().enumerate().map(|(i, message)| {
            match self.shown.contains_key(&i) {
                true => MessageOrBlinding::RevealMessage(message),
                false => MessageOrBlinding::BlindMessageRandomly(message),
            }
        });
        let random = &mut *self.random.borrow_mut();
        let protocol =
            PoKOfSignature23G1Protocol::init(random, &self.signature, &self.params, messages)
                .expect("a protocol");
        let mut octets = self.ph.clone();
        protocol
            .challenge_contribution(&self.shown, &self.params, &mut octets)
            .expect("a contribution");
        let proof = protocol
            .gen_proof(&compute_random_oracle_challenge::<Fr, Blake2b512>(&octets))
            .expect("a proof");
        encode(&proof)
    }

    /// Decodes a proof, subgroup checks included, and returns it with the challenge it must answer.
    fn decode(&self, octets: &[u8]) -> (PoKOfSignature23G1Proof<Bls12_381>, Fr) {
        let proof =
            PoKOfSignature23G1Proof::<Bls12_381>::deserialize_compressed(octets).expect("a proof");
        let mut hashed = self.ph.clone();
        proof
            .challenge_contribution(&self.shown, &self.params, &mut hashed)
            .expect("a contribution");
        (
            proof,
            compute_random_oracle_challenge::<Fr, Blake2b512>(&hashed),
        )
    }

    fn verify(&self) {
        let (proof, challenge) = self.decode(&self.proofs[0]);
        proof
            .verify(
                &self.shown,
                &challenge,
                self.prepared_key.clone(),
                self.prepared_params.clone(),
            )
            .expect("a proof that holds");
    }

    fn verify_batch(&self) {
        let mut checker =
            RandomizedPairingChecker::new_using_rng(&mut *self.random.borrow_mut(), true);
        for octets in &self.proofs {
            let (proof, challenge) = self.decode(octets);
            proof
                .verify_with_randomized_pairing_checker(
                    &self.shown,
                    &challenge,
                    self.prepared_key.clone(),
                    self.prepared_params.clone(),
                    &mut checker,
                )
                .expect("a proof that may hold");
        }
        assert!(checker.verify(), "a batch that holds");
    }
}

impl Peer for BbsPlus {
    fn operations(&self) -> Vec<&'static str> {
        vec!["sign", "prove", "verify", "verify_batch"]
    }

    fn run(&self, operation: &str) -> usize {
        match operation {
            "sign" => drop(self.sign()),
            "prove" => drop(self.prove()),
            "verify" => self.verify(),
            "verify_batch" => {
                self.verify_batch();
                return self.proofs.len();
            }
            _ => panic!("no such operation"),
        }
        1
    }
}

fn encode(value: &impl CanonicalSerialize) -> Vec<u8> {
    let mut octets = Vec::new();
    value
        .serialize_compressed(&mut octets)
        .expect("an encoding");
    octets
}
