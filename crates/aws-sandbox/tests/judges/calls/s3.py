"""S3: a bucket, objects with their conditions, listings, and what is refused."""

from call import Call

BUCKET = "judged-recordings-1a2b3c4d"
NO_BUCKET = "judged-nothing-1a2b3c4d"
HERE = {"LocationConstraint": "us-west-2"}


def call(name: str, operation: str, bucket: str = BUCKET, **args) -> Call:
    keep = args.pop("keep", {})
    pages = args.pop("pages", False)
    return Call(name, "s3", operation, {"Bucket": bucket, **args}, keep=keep, pages=pages)


BUCKETS = [
    call("no bucket of that name", "HeadBucket"),
    call("a bucket with a name of two letters", "CreateBucket", bucket="ab", CreateBucketConfiguration=HERE),
    call("a bucket for another region", "CreateBucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}),
    call("a bucket without a region", "CreateBucket"),
    call("the bucket", "CreateBucket", CreateBucketConfiguration=HERE),
    call("the bucket again", "CreateBucket", CreateBucketConfiguration=HERE),
    call("the bucket's head", "HeadBucket"),
    Call("buckets by prefix", "s3", "ListBuckets", {"Prefix": "judged-"}),
]

PUTTING = [
    call(
        "an object",
        "PutObject",
        Key="ops-journal/2026/01/one.json",
        Body=b'{"run": 1}',
        ContentType="application/json",
        Metadata={"owner": "judges"},
    ),
    call("an object without anything", "PutObject", Key="empty"),
    call("an object with odd letters", "PutObject", Key="odd/a b+c&d=ü.txt", Body="grüezi".encode()),
    call("an object for no bucket", "PutObject", bucket=NO_BUCKET, Key="x", Body=b"x"),
    call("a lock that is free", "PutObject", Key="locks/one", Body=b"first", IfNoneMatch="*", keep={"etag_first": "ETag"}),
    call("a lock that is taken", "PutObject", Key="locks/one", Body=b"second", IfNoneMatch="*"),
    call("a lock renewed", "PutObject", Key="locks/one", Body=b"renewed", IfMatch="<etag_first>", keep={"etag_renewed": "ETag"}),
    call("a lock renewed with an old tag", "PutObject", Key="locks/one", Body=b"stale", IfMatch="<etag_first>"),
    call("a lock renewed that is gone", "PutObject", Key="locks/gone", Body=b"stale", IfMatch="<etag_first>"),
]

GETTING = [
    call("the object", "GetObject", Key="ops-journal/2026/01/one.json"),
    call("an empty object", "GetObject", Key="empty"),
    call("the object with odd letters", "GetObject", Key="odd/a b+c&d=ü.txt"),
    call("the lock as it is now", "GetObject", Key="locks/one"),
    call("no object", "GetObject", Key="nothing"),
    call("an object of no bucket", "GetObject", bucket=NO_BUCKET, Key="x"),
    call("a part of the object", "GetObject", Key="locks/one", Range="bytes=2-4"),
    call("a part beyond the object", "GetObject", Key="locks/one", Range="bytes=100-"),
    call("an object that is the same still", "GetObject", Key="locks/one", IfNoneMatch="<etag_renewed>"),
    call("an object that is another by now", "GetObject", Key="locks/one", IfMatch="<etag_first>"),
    call("the object's head", "HeadObject", Key="ops-journal/2026/01/one.json"),
    call("the head of no object", "HeadObject", Key="nothing"),
    call("the head of an object in no bucket", "HeadObject", bucket=NO_BUCKET, Key="x"),
]

LISTING = [
    call("everything", "ListObjectsV2"),
    call("everything, one at a time", "ListObjectsV2", PaginationConfig={"PageSize": 1}, pages=True),
    call("the first of several", "ListObjectsV2", MaxKeys=2),
    call("objects under a prefix", "ListObjectsV2", Prefix="locks/"),
    call("folders", "ListObjectsV2", Delimiter="/"),
    call("folders under a prefix", "ListObjectsV2", Prefix="ops-journal/", Delimiter="/"),
    call("objects after another", "ListObjectsV2", StartAfter="locks/one"),
    call("nothing under a prefix", "ListObjectsV2", Prefix="nothing/"),
    call("no keys wanted", "ListObjectsV2", MaxKeys=0),
    call("objects of no bucket", "ListObjectsV2", bucket=NO_BUCKET),
]

DELETING = [
    call("a lock released with an old tag", "DeleteObject", Key="locks/one", IfMatch="<etag_first>"),
    call("a lock released", "DeleteObject", Key="locks/one", IfMatch="<etag_renewed>"),
    call("an object deleted", "DeleteObject", Key="empty"),
    call("an object deleted twice", "DeleteObject", Key="empty"),
    call("an object of no bucket deleted", "DeleteObject", bucket=NO_BUCKET, Key="x"),
    call("the head of the deleted object", "HeadObject", Key="empty"),
    call("what is left", "ListObjectsV2"),
]

CALLS = BUCKETS + PUTTING + GETTING + LISTING + DELETING
